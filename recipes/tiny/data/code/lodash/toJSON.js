module.exports = require('./wrapperValue');

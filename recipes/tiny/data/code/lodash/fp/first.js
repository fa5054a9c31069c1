module.exports = require('./head');

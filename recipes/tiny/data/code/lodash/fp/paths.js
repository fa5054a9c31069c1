module.exports = require('./at');

module.exports = require('./flowRight');

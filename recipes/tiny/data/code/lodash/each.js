module.exports = require('./forEach');

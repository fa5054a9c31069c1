module.exports = require('./getOr');

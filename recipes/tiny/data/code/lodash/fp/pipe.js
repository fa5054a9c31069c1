module.exports = require('./flow');

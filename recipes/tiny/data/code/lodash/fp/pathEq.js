module.exports = require('./matchesProperty');

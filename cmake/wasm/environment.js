// Gives a test under Node.js the environment of the process ($UTABLES_DATA and the like).
Module['preRun'] = Module['preRun'] || [];
Module['preRun'].push(function() { Object.assign(ENV, process.env); });

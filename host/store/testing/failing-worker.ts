// A worker whose code does not even load.
throw new TypeError('No such projection.');

const lab = require('@jupyterlab/testing/lib/jest-config');

// Packages that are published as ES modules only: babel turns them into CommonJS for jest.
const ES_MODULES =
  '@codemirror|@jupyter|@jupyterlab|@jupyter-widgets|@lezer|@lumino|@marijn|@microsoft|@rjsf|@tanstack|crelt|style-mod|w3c-keyname|exenv-es6|lib0|nanoid|vscode-ws-jsonrpc|y-protocols|y-websocket|yjs';

module.exports = {
  ...lab(__dirname),
  testRegex: 'tests/.*\\.spec\\.tsx?$',
  reporters: ['default'],
  modulePathIgnorePatterns: ['<rootDir>/lib'],
  transformIgnorePatterns: [`/node_modules/(?!(${ES_MODULES})/)`]
};

// Builds the page of pieces and serves it: `npm run harness -- [PORT]` (default: any free one).
// With NODE_ENV=production as it is shipped, for figures.
// The themes are those of the JupyterLab that `jupyter` on the path belongs to.
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

import { rspack } from '@rspack/core';

const here = dirname(fileURLToPath(import.meta.url));
const app = execFileSync('jupyter', ['lab', 'path'], { encoding: 'utf-8' });
const themes = join(app.match(/Application directory:\s*(.+)/)[1].trim(), 'themes/@jupyterlab');
const mode = process.env.NODE_ENV === 'production' ? 'production' : 'development';
const build = join(here, 'build', mode);

await new Promise((done, fail) =>
  rspack(
    {
      mode,
      context: here,
      devtool: false,
      entry: './main.tsx',
      output: { path: build, filename: 'main.js', publicPath: '' },
      resolve: { extensions: ['.tsx', '.ts', '.js'], fallback: { path: false, url: false } },
      module: {
        rules: [
          {
            test: /\.tsx?$/,
            loader: 'builtin:swc-loader',
            options: { jsc: { parser: { syntax: 'typescript', tsx: true } } }
          },
          { test: /\.css$/, type: 'css/auto' },
          { test: /\.svg$/, type: 'asset/source' }
        ]
      }
    },
    (error, stats) =>
      error || stats.hasErrors()
        ? fail(error ?? stats.toString({ all: false, errors: true }))
        : done()
  )
);

const KINDS = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
const server = createServer((request, response) => {
  const path = normalize(new URL(request.url, 'http://x').pathname).replace(/^\/$/, '/index.html');
  const file = path.startsWith('/themes/')
    ? join(themes, path.slice('/themes/'.length))
    : join(path === '/index.html' ? here : build, path);
  const kind = KINDS[file.slice(file.lastIndexOf('.'))] ?? 'application/octet-stream';
  readFile(file).then(
    body => response.writeHead(200, { 'Content-Type': kind }).end(body),
    () => response.writeHead(404).end()
  );
});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () =>
  process.stdout.write(`http://127.0.0.1:${server.address().port}/?theme=light\n`)
);

/**
 * Sends a file with tus-js-client in node and prints one JSON line per event.
 *
 * node tus_js.mjs '{"client": FOLDER, "endpoint": URL, "token": T, "file": F, "chunk": N, ...}'
 * `upload` is the URL to go on with; `stop_at` ends the process at that many bytes, as if killed.
 */

import { createReadStream, statSync } from 'node:fs';
import { createRequire } from 'node:module';

const asked = JSON.parse(process.argv[2]);
const { Upload } = createRequire(`${asked.client}/package.json`)('tus-js-client');

function say(event) {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

const upload = new Upload(createReadStream(asked.file), {
  endpoint: asked.endpoint,
  uploadUrl: asked.upload ?? null,
  uploadSize: statSync(asked.file).size,
  chunkSize: asked.chunk,
  retryDelays: asked.retry_delays ?? null,
  uploadDataDuringCreation: asked.with_creation ?? false,
  headers: { Authorization: `token ${asked.token}` },
  metadata: { filename: 'sent by node.bin', filetype: 'application/octet-stream' },
  onUploadUrlAvailable: () => say({ url: upload.url }),
  onChunkComplete: (_, accepted) => {
    say({ accepted });
    if (asked.stop_at && accepted >= asked.stop_at) {
      process.kill(process.pid, 'SIGKILL');
    }
  },
  onSuccess: () => say({ done: true }),
  onError: error => {
    say({ status: error.originalResponse?.getStatus() ?? 0, error: error.message });
    process.exitCode = 1;
  }
});
upload.start();

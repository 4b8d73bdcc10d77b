// SPDX-License-Identifier: Apache-2.0
// Worker threads that share memory, and a file that the pool of threads reads.
'use strict';
const { Worker, isMainThread, workerData, parentPort } = require('worker_threads');

function work() {
  const counts = new Int32Array(workerData.memory);
  let sum = 0;
  for (let i = 0; i < 1000000; i++)
    sum = (sum + i * workerData.index) % 1000003;
  for (let i = 0; i < 1000; i++)
    Atomics.add(counts, 0, 1);
  parentPort.postMessage(sum);
}

function worker(index, memory) {
  return new Promise((resolve, reject) => {
    const thread = new Worker(__filename, { workerData: { index, memory } });
    thread.once('message', resolve);
    thread.once('error', reject);
  });
}

async function main() {
  const memory = new SharedArrayBuffer(4);
  const sums = await Promise.all([1, 2, 3, 4].map((index) => worker(index, memory)));
  console.log(`workers: ${sums.length}, counted ${new Int32Array(memory)[0]}`);
  const text = await require('fs').promises.readFile('/proc/self/comm', 'utf8');
  console.log(`read: ${text.trim().length > 0}`);
}

if (isMainThread)
  main();
else
  work();

// Runs the verifier of the public page over a folder of bundles: `node verify.mjs FOLDER`, without any package.
//
// FOLDER/index.json is a list of {bundle, file_sha256, trust, now, purpose, recipient, retractions}, as
// docs/consent-bundle/vectors has it; the answers are printed in its order, one JSON object a line.

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import { verify } from "../../../static/js/verify/bundle.js";

const SCHEMAS = new URL("../../../consent/schema/", import.meta.url);

async function readSchemas() {
  const names = (await readdir(SCHEMAS)).filter((name) => name.endsWith(".json"));
  const read = async (name) => [name.slice(0, -".json".length), JSON.parse(await readFile(new URL(name, SCHEMAS), "utf8"))];
  return Object.fromEntries(await Promise.all(names.map(read)));
}

const folder = process.argv[2];
const schemas = await readSchemas();
for (const entry of JSON.parse(await readFile(join(folder, "index.json"), "utf8"))) {
  const answer = await verify(entry.file_sha256, new Uint8Array(await readFile(join(folder, entry.bundle))), {
    schemas,
    trust: entry.trust,
    purpose: entry.purpose,
    recipient: entry.recipient,
    retractions: entry.retractions === null ? null : new TextEncoder().encode(entry.retractions),
    now: new Date(entry.now),
  });
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

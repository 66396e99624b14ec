#!/usr/bin/env node
// What is started as `chatelaine`. The machine's own Node has to understand this much, so it is plain JavaScript; where
// that Node is too old for the rest, the one that the project brings along takes over.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
await(major > 24 || (major === 24 && minor >= 15) ? import('./main.ts') : import('./older-node.js'))

#!/usr/bin/env node
// The browser of a person who agrees to everything: opens the page, and goes where it sends on.
await fetch(process.argv.at(-1));

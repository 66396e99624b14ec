// `npm run build`: makes the package as it is published, in dist/ or where the argument says: JavaScript without
// dependencies, declarations that name no package of ours, and a manifest that leads to both.

import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'rolldown'
import manifest from '../package.json' with { type: 'json' }
import { writeDeclarations } from './declarations.ts'

const here = join(import.meta.dirname, '..')
const output = process.argv[2] ?? join(here, 'dist')

/** `./express` → `src/middleware/express.ts`. */
const sources = Object.fromEntries(Object.entries(manifest.exports).map(([entry, source]) => [nameOf(entry), source]))

if (existsSync(output)) rmSync(output, { recursive: true })
mkdirSync(output, { recursive: true })

await build({
  cwd: here,
  input: sources,
  platform: 'neutral',
  external: [/^node:/, ...Object.keys(manifest.peerDependencies)],
  output: { dir: output, format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'shared/[name].js' },
  logLevel: 'warn',
})
const declarations = writeDeclarations(sources, join(output, 'types'))

const { name, version, description, license, type, engines, peerDependencies, peerDependenciesMeta } = manifest
const exports = Object.fromEntries(
  Object.keys(manifest.exports).map((entry) => {
    const target = nameOf(entry)
    return [entry, { types: `./types/${declarations[target]}`, default: `./${target}.js` }]
  }),
)
const published = {
  name,
  version,
  description,
  license,
  type,
  sideEffects: false,
  engines,
  exports: { ...exports, './package.json': './package.json' },
  peerDependencies,
  peerDependenciesMeta,
}
writeFileSync(join(output, 'package.json'), `${JSON.stringify(published, undefined, 2)}\n`)
copyFileSync(join(here, 'README.md'), join(output, 'README.md'))
copyFileSync(join(here, '../../LICENSE'), join(output, 'LICENSE'))

function nameOf(entry: string): string {
  return entry === '.' ? 'index' : entry.slice('./'.length)
}

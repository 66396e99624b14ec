import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'

/** Our packages whose code is part of what is published. */
const bundled = ['api', 'core', 'token']

const packages = join(import.meta.dirname, '../..')

/**
 * Writes the declarations that the entries lead to, and of our other packages only what they need of them.
 *
 * @param sources of each entry its source, from the root of the package
 * @returns of each entry its declarations, from `output`
 */
export function writeDeclarations(sources: Readonly<Record<string, string>>, output: string): Record<string, string> {
  const everything = mkdtempSync(join(tmpdir(), 'chatelaine-declarations-'))
  try {
    compile(Object.values(sources), everything)
    const entries = Object.entries(sources).map(([name, source]) => [name, declarationOf(posix.join('sdk', source))])
    copyReached(
      entries.map(([, path]) => path!),
      everything,
      output,
    )
    return Object.fromEntries(entries) as Record<string, string>
  } finally {
    rmSync(everything, { recursive: true })
  }
}

function compile(sources: readonly string[], output: string): void {
  const configuration = {
    extends: join(packages, '../tsconfig.base.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      rootDir: packages,
      outDir: output,
      typeRoots: [join(packages, '../node_modules/@types')],
    },
    files: sources.map((source) => join(packages, 'sdk', source)),
    // Named, since what is only imported from another package is not written.
    include: bundled.map((name) => join(packages, name, 'src')),
  }
  const file = join(output, 'tsconfig.json')
  writeFileSync(file, JSON.stringify(configuration))
  execFileSync(process.execPath, [join(packages, '../node_modules/typescript/bin/tsc'), '-p', file], {
    stdio: 'inherit',
  })
}

/** Copies these files and whatever they import of ours, with imports that are files. */
function copyReached(entries: readonly string[], from: string, to: string): void {
  const reached = new Set(entries)
  for (const path of reached) {
    const text = readFileSync(join(from, path), 'utf8').replaceAll(
      /(from |import\()(['"])([^'"]+)\2/g,
      (whole, lead: string, quote: string, specifier: string) => {
        const target = targetOf(specifier, path)
        if (target === undefined) return whole
        reached.add(target)
        const relative = posix.relative(posix.dirname(path), target.replace(/\.d\.ts$/, '.js'))
        return `${lead}${quote}${relative.startsWith('.') ? relative : `./${relative}`}${quote}`
      },
    )
    mkdirSync(dirname(join(to, path)), { recursive: true })
    writeFileSync(join(to, path), text)
  }
}

/** The declarations that a specifier leads to; `undefined` where they are not ours. */
function targetOf(specifier: string, importer: string): string | undefined {
  if (specifier.startsWith('.')) return declarationOf(posix.join(posix.dirname(importer), specifier))
  const [, name, entry = ''] = /^@chatelaine\/([a-z]+)(\/.+)?$/.exec(specifier) ?? []
  if (name === undefined) return undefined
  const manifest = JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, string>>
  }
  return declarationOf(posix.join(name, manifest.exports[`.${entry}`]!))
}

function declarationOf(source: string): string {
  return source.replace(/\.ts$/, '.d.ts')
}

#!/usr/bin/env node
// What `npm start` and `npm test` run: `node tools/launch.js FILE [argument…]`.
//
// It makes sure that what package-lock.json names is what is installed, then runs FILE on Node 24, which the project
// brings along as a dependency. It is the one file that the machine's own Node has to understand, so it is plain
// JavaScript without dependencies, and old Node 20 reads it.

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, realpathSync, unlinkSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { constants, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The oldest Node that runs the project's TypeScript as it stands. */
const nodeMin = { major: 24, minor: 15 }
const passedOn = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

const root = realpathSync(dirname(dirname(fileURLToPath(import.meta.url))))

/** @type {import('node:child_process').ChildProcess | undefined} */
let child
for (const signal of passedOn) process.on(signal, () => (child ? child.kill(signal) : leave({ code: null, signal })))

const [file, ...args] = process.argv.slice(2)
if (file === undefined) {
  complain('launch.js needs the file to run', 'npm start runs the server, npm test the tests')
  process.exit(2)
}
if (whyInstall() !== undefined) await alone(install)
await launch(file, args)

/**
 * Says why `npm ci` has to run, in half a sentence, or undefined when what is installed is what the lock file names.
 * Contents are compared, not times: a clone gives every file the time of the clone.
 */
function whyInstall() {
  const installed = packagesIn(join(root, 'node_modules', '.package-lock.json'))
  if (installed === undefined) return 'nothing is installed yet'
  const wanted = packagesIn(join(root, 'package-lock.json')) ?? {}
  const devLeftOut =
    process.env.NODE_ENV === 'production' || (process.env.npm_config_omit ?? '').split(/\s+/).includes('dev')
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.includes('node_modules/')) continue
    const present = installed[path]
    if (present === undefined && !entry.optional && !(entry.dev && devLeftOut)) return `${nameOf(path)} is missing`
    if (present !== undefined && (present.version !== entry.version || present.integrity !== entry.integrity))
      return `${nameOf(path)} is not the version that package-lock.json names`
  }
  const extra = Object.keys(installed).find((path) => path.includes('node_modules/') && wanted[path] === undefined)
  return extra === undefined ? undefined : `${nameOf(extra)} is no longer wanted`
}

/**
 * @param {string} lockFile
 * @returns {Record<string, { version?: string, integrity?: string, optional?: boolean, dev?: boolean }> | undefined}
 */
function packagesIn(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages ?? {}
  } catch (error) {
    // Absent, or cut short by an install that was interrupted: both mean that nothing can be relied on.
    if (error instanceof SyntaxError || /** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined
    throw error
  }
}

/** @param {string} path */
function nameOf(path) {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

async function install() {
  // Another start may have installed everything while this one waited for its turn.
  const why = whyInstall()
  if (why === undefined) return
  say(`${why}: running npm ci, which takes about half a minute`)
  // Under `npm start` this is the very npm that the person called; a bare `node tools/launch.js` looks for one in PATH.
  const npm = process.env.npm_execpath
  const ownNpm = npm !== undefined && npm.endsWith('npm-cli.js') && existsSync(npm)
  const [command, before] = ownNpm ? [process.execPath, [npm]] : ['npm', []]
  // Everything npm says goes to stderr: stdout belongs to the program that is about to start.
  const ended = await run(command, [...before, 'ci'], { cwd: root, stdio: ['ignore', 2, 2] })
  if (ended.signal) leave(ended)
  if (ended.error) {
    complain('npm was not found, so the dependencies cannot be installed', 'install npm, run npm ci, and start again')
    process.exit(1)
  }
  if (ended.code !== 0) {
    complain('npm ci failed, so nothing was started', 'its message stands above; npm ci alone repeats it')
    process.exit(ended.code ?? 1)
  }
}

/**
 * Runs `work` while no other launcher of this directory does: two npm ci at once would each delete what the other
 * unpacks. The lock is a local socket, because the system takes that back however its owner ends.
 * @param {() => Promise<void>} work
 */
async function alone(work) {
  const name = `chatelaine-install-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`
  const address =
    process.platform === 'linux'
      ? `\0${name}`
      : process.platform === 'win32'
        ? `\\\\.\\pipe\\${name}`
        : join(tmpdir(), `${name}.sock`)
  /** @type {Set<import('node:net').Socket>} */
  const waiting = new Set()
  const lock = createServer((socket) => void waiting.add(socket.on('error', () => {})))
  for (let said = false; !(await listens(lock, address)); said = true) {
    if (!said) say('another start is installing the dependencies: waiting for it')
    await closed(address)
  }
  await work()
  lock.close()
  for (const socket of waiting) socket.destroy()
}

/**
 * @param {import('node:net').Server} server
 * @param {string} address
 * @returns {Promise<boolean>} false when another process listens there
 */
function listens(server, address) {
  return new Promise((resolve, reject) => {
    const failed = (/** @type {NodeJS.ErrnoException} */ error) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error)
    server.once('error', failed)
    server.listen(address, () => {
      server.off('error', failed)
      resolve(true)
    })
  })
}

/**
 * Resolves when the process that listens at `address` has let go of it.
 * @param {string} address
 * @returns {Promise<void>}
 */
function closed(address) {
  return new Promise((resolve) => {
    const socket = connect(address)
    socket.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      // A socket file outlives a killed owner on systems whose sockets have no names of their own.
      if (error.code === 'ECONNREFUSED' && existsSync(address)) unlinkSync(address)
    })
    socket.on('close', () => resolve())
  })
}

/**
 * @param {string} file
 * @param {string[]} args
 */
async function launch(file, args) {
  const bundled = join(root, 'node_modules', '.bin', 'node')
  const candidates = [
    ...(existsSync(bundled) ? [bundled] : []),
    ...(isNewEnough(process.version) ? [process.execPath] : []),
  ]
  for (const node of candidates) {
    const ended = await run(node, [file, ...args], { stdio: 'inherit' })
    // A binary that this system cannot start, such as one for another C library, is as good as none.
    if (!ended.error) leave(ended)
  }
  const { major, minor } = nodeMin
  complain(
    `this needs Node ${major}.${minor} or newer, and there is only ${process.version} (${process.platform} ${process.arch})`,
    'on Linux (x64, arm64) npm ci brings one along unless told to omit optional packages; elsewhere install Node 24',
  )
  process.exit(1)
}

/** @param {string} version as in `process.version` */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  return major > nodeMin.major || (major === nodeMin.major && minor >= nodeMin.minor)
}

/**
 * Runs one program to its end, and lets signals reach it meanwhile.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null, error?: Error }>}
 */
function run(command, args, options) {
  return new Promise((resolve) => {
    const started = spawn(command, args, options)
    child = started
    const done = (/** @type {Parameters<typeof resolve>[0]} */ ended) => {
      child = undefined
      resolve(ended)
    }
    started.on('error', (error) => done({ code: null, signal: null, error }))
    started.on('exit', (code, signal) => done({ code, signal }))
  })
}

/**
 * Ends as the child ended: with its exit code, or by the signal that ended it, so that whoever waits for this process
 * cannot tell the two apart.
 * @param {{ code: number | null, signal: NodeJS.Signals | null }} ended
 * @returns {never}
 */
function leave({ code, signal }) {
  if (signal === null) process.exit(code ?? 1)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
  process.exit(128 + constants.signals[signal])
}

/** @param {string} sentence */
function say(sentence) {
  process.stderr.write(`chatelaine: ${sentence}\n`)
}

/**
 * @param {string} what
 * @param {string} hint
 */
function complain(what, hint) {
  say(`error: ${what}`)
  say(`hint: ${hint}`)
}

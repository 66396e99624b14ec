import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheDirectory } from './cache.ts'

/** Newer pairs of the two contradict each other. */
export const peerVersions = { 'better-auth': '1.7.5', '@better-auth/api-key': '1.7.5' } as const
const installMsMax = 180_000

/** The peer could not be had; everything else can still be measured. */
export class PeerMissing extends Error {
  override readonly name = 'PeerMissing'
}

/**
 * Installs better-auth beside the project, once, and gives the directory. The project itself never depends on it.
 * @throws PeerMissing with what npm said.
 */
export async function installPeer(): Promise<string> {
  const directory = join(cacheDirectory, `better-auth-${peerVersions['better-auth']}`)
  if (existsSync(directory)) return directory
  // Under another name until it is whole, so that an install that was interrupted is not taken for one.
  const unfinished = `${directory}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  writeFileSync(join(unfinished, 'package.json'), JSON.stringify({ private: true, dependencies: peerVersions }))
  const npm = process.env.npm_execpath
  const [command, before] = npm === undefined ? ['npm', []] : [process.execPath, [npm]]
  const args = [...before, 'install', '--legacy-peer-deps', '--no-audit', '--no-fund', '--loglevel=error']
  try {
    await promisify(execFile)(command, args, { cwd: unfinished, timeout: installMsMax })
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    throw new PeerMissing(`better-auth could not be installed: ${said}`, { cause: error })
  }
  renameSync(unfinished, directory)
  return directory
}

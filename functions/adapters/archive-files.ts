/** The archive in a folder: objects are written once, and each is whole or not there. */

import { link, mkdir, open, readFile, rename, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Archive, ArchiveConflict } from '../log-ports.ts'

/** An archive in a folder. `unique` gives a name that no other write uses. */
export const fileArchive = (folder: string, unique: () => string): Archive => {
  const read = (path: string): Promise<Uint8Array | undefined> =>
    readFile(join(folder, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })

  /** Written beside, and durable, before it gets its name. */
  const write = async (path: string, bytes: Uint8Array, place: typeof rename) => {
    const target = join(folder, path)
    const beside = `${target}.${unique()}`
    await mkdir(dirname(target), { recursive: true })
    const file = await open(beside, 'wx')
    await file.writeFile(bytes)
    await file.sync()
    await file.close()
    await place(beside, target).finally(() => unlink(beside).catch(() => undefined))
  }

  const put = async (path: string, bytes: Uint8Array): Promise<void> => {
    await write(path, bytes, link).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
      const there = await read(path)
      if (there === undefined || !Buffer.from(there).equals(bytes))
        throw new ArchiveConflict(`couldn’t write ${path}: other bytes are there`)
    })
  }

  return {
    put,
    get: read,
    async publish(log, size, note) {
      await put(`${log}/checkpoints/${size}`, Buffer.from(note))
      await write(`${log}/checkpoint`, Buffer.from(note), rename)
    },
  }
}

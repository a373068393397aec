/**
 * The archive in an S3 bucket with Object Lock, whose default retention keeps every object. The role needs
 * `s3:PutObject`, `s3:GetObject` and `s3:ListBucket`: the last shows how far a log has come, and tells a
 * missing object from one that we may not read.
 */

import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { ComityError } from '../failure.ts'
import type { Archive } from '../log-ports.ts'
import {
  archivePath,
  bundlesAfter,
  keepCheckpoint,
  mayReplace,
  mustEqual,
} from './archive-rules.ts'

/** Longest we wait for S3, ms: a full bundle is 4 MB at most. */
const timeoutsMs = { connectionTimeout: 1000, requestTimeout: 5000 }

/** How often we try while other writes come first. */
const attemptsMax = 5

/** An archive in a bucket. */
export const s3Archive = (
  bucket: string,
  client = new S3Client({ requestHandler: { ...timeoutsMs, throwOnRequestTimeout: true } }),
): Archive => {
  const read = async (path: string) => {
    try {
      const command = new GetObjectCommand({ Bucket: bucket, Key: archivePath(path) })
      const { Body, ETag } = await client.send(command)
      if (Body === undefined) throw new ComityError(`couldn’t read ${path}: S3 gave no body`)
      return { bytes: await Body.transformToByteArray(), etag: ETag }
    } catch (error) {
      if (statusOf(error) === 404) return undefined
      throw error
    }
  }

  /** Writes if `condition` holds; false if it did not hold or another write was under way. */
  const write = async (
    path: string,
    bytes: Uint8Array,
    condition: { readonly IfMatch: string } | { readonly IfNoneMatch: '*' },
  ): Promise<boolean> => {
    const object = { Bucket: bucket, Key: archivePath(path), Body: bytes }
    try {
      await client.send(new PutObjectCommand({ ...object, ...condition }))
      return true
    } catch (error) {
      if ([409, 412].includes(statusOf(error))) return false
      throw error
    }
  }

  const put = async (path: string, bytes: Uint8Array): Promise<void> => {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      if (await write(path, bytes, { IfNoneMatch: '*' })) return
      const there = await read(path)
      // With two writes at once, S3 may refuse one before the other is there.
      if (there !== undefined) return mustEqual(path, there.bytes, bytes)
    }
    throw new ComityError(
      `couldn’t write ${path}: S3 refused it ${attemptsMax} times, but nothing is there`,
    )
  }
  const get = async (path: string) => (await read(path))?.bytes

  return {
    put,
    get,
    async grownFrom(log, size) {
      const { full, smallest } = bundlesAfter(archivePath(log), size)
      // At most one full bundle and 255 partial ones: one answer holds them. S3 never lists an older view.
      const list = new ListObjectsV2Command({ Bucket: bucket, Prefix: full })
      const { Contents = [] } = await client.send(list)
      return smallest(Contents.flatMap(({ Key }) => Key ?? []))
    },
    async publish(log, size, note) {
      const path = `${log}/checkpoint`
      const standing = Buffer.from(await keepCheckpoint({ put, get }, log, size, note))
      for (let attempt = 0; attempt < attemptsMax; attempt++) {
        const there = await read(path)
        if (!mayReplace(there?.bytes, log, size)) return
        // Also if the answer to our own write was lost: then ours is there.
        if (there !== undefined && standing.equals(there.bytes)) return
        const condition = there?.etag ? { IfMatch: there.etag } : ({ IfNoneMatch: '*' } as const)
        if (await write(path, standing, condition)) return
      }
      throw new ComityError(
        `couldn’t publish ${path}: others replaced it ${attemptsMax} times meanwhile`,
      )
    },
  }
}

const statusOf = (error: unknown): number =>
  error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? 0) : 0

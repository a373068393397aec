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
  bundleAfter,
  grownTo,
  keepCheckpoint,
  mayReplace,
  mustEqual,
  partialBundle,
} from './archive-rules.ts'
import { poster, unanswered } from './aws-post.ts'
import { handlerBy, type IsAnswer } from './dynamodb-direct.ts'

/** Longest we wait for S3, ms: a full bundle is 4 MB at most. */
const timeoutsMs = { connectionTimeout: 1000, requestTimeout: 5000 }

/** How often we try while other writes come first. */
const attemptsMax = 5

/** A client. With an endpoint it uses another S3 than AWS’s own, with buckets in its paths. */
export const s3Client = (endpoint?: string): S3Client =>
  new S3Client({
    // A cast: of a call's parts it reads six.
    requestHandler: handlerBy(poster(timeoutsMs), isOfS3) as never,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
  })

/** S3 refuses nothing without a word. What it puts into any other answer is looked for where that is read. */
const isOfS3: IsAnswer = ({ status, body }) => status < 300 || body.includes('<Code>')

/** An archive in a bucket. */
export const s3Archive = (bucket: string, client = s3Client()): Archive => {
  const read = async (path: string) => {
    try {
      const command = new GetObjectCommand({ Bucket: bucket, Key: archivePath(path) })
      const { Body, ETag } = await client.send(command)
      if (Body === undefined || ETag === undefined) throw notOfS3('read', path)
      // It is all here. What S3 does not say that it is was changed on its way.
      const bytes = await Body.transformToByteArray().catch(() => undefined)
      if (bytes === undefined) throw notOfS3('read', path)
      return { bytes, etag: ETag }
    } catch (error) {
      // By its name: a bucket that is not there has the same status.
      if (error instanceof S3ServiceException && error.name === 'NoSuchKey') return undefined
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
      const { ETag } = await client.send(new PutObjectCommand({ ...object, ...condition }))
      if (ETag === undefined) throw notOfS3('write', path)
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
  const bytesAt = async (path: string) => (await read(path))?.bytes
  const get = async (path: string) => (await bytesAt(path)) ?? partialBundle(path, list, bytesAt)

  /** All that there is of a bundle. */
  const list = async (bundle: string): Promise<readonly string[]> => {
    // At most one full bundle, 255 partial ones and what these gained: one answer holds them. S3 never lists an
    // older view.
    const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: bundle })
    const { Contents = [], IsTruncated } = await client.send(command)
    const paths = Contents.flatMap(({ Key }) => Key ?? [])
    if (IsTruncated !== false || paths.length < Contents.length) throw notOfS3('list', bundle)
    return paths
  }

  return {
    put,
    get,
    async grownFrom(log, size) {
      return grownTo(log, size, await list(bundleAfter(archivePath(log), size)))
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

/**
 * Why an answer counts for nothing that lacks what S3 puts into each: something in between gave it, and the SDK takes an
 * empty one for success.
 */
const notOfS3 = (act: string, path: string) =>
  unanswered(`couldn’t ${act} ${path}: the answer is not of S3`)

const statusOf = (error: unknown): number =>
  error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? 0) : 0

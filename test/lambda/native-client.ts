/**
 * The compiled part of Lambda's runtime client, in TypeScript: it posts answers to the Runtime API.
 * Loaded with `--import`, it takes the place of `rapid-client.node`, which a machine without a
 * compiler does not have. All else is the client that Lambda runs.
 */

import { request } from 'node:http'
import { registerHooks } from 'node:module'

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === './rapid-client.node'
      ? { url: import.meta.url, format: 'module-typescript', shortCircuit: true }
      : next(specifier, context),
})

/** Posts what the handler returned. */
export const done = (id: string, body: string): void => post(`${id}/response`, body)

/** Posts what the handler threw. */
export const error = (id: string, body: string): void => post(`${id}/error`, body)

function post(path: string, body: string): void {
  const [host = '', port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? '').split(':')
  const options = { host, port, path: `/2018-06-01/runtime/invocation/${path}`, method: 'POST' }
  request(options, (response) => response.resume()).end(body)
}

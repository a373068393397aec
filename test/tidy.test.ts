/** The house rules that a machine can check. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { closureOf, deployed, neverDeployed, onMachines, roomOf as roomOfFile } from './closure.ts'
import { ownFiles } from './own-law.ts'
import { shippedLaw } from './shipped.ts'
import { worldLaw } from './world-law.ts'

const root = join(import.meta.dirname, '..')
const typescript = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)

const read = (file: string) => readFileSync(join(root, file), 'utf8')
/** The room of a file; a folder within one of these wings is a room of its own. */
const wingsOfRooms = ['workbench', 'proof']
const roomOf = (file: string) => {
  const [, room = '', within = '', ...rest] = file.split('/')
  if (within === '') return 'doors'
  return wingsOfRooms.includes(room) && rest.length > 0 ? `${room}/${within}` : room
}

/** The rooms of tests that are tried on law of their own, so that a change of a shipped rule breaks none of them. */
const withOwnLaw = [
  ...['adapters', 'answer', 'attack', 'audit', 'browser', 'cli', 'client', 'console'],
  ...['decision', 'drills', 'http', 'identity', 'infra', 'lambda', 'machine', 'picture'],
  ...['policy', 'proof', 'samples', 'sealing', 'terminal', 'workbench'],
]

const policy = ['failure', 'policy', 'zod', 'canonicalize', 'node:crypto']
const decision = ['failure', 'policy', 'decision', 'picture', 'zod']
const ledger = [...policy, 'decision', 'identity', 'ledger', 'jose']
const rooms = [
  'failure',
  'policy',
  'decision',
  'identity',
  'ledger',
  'ports',
  'inbox-ports',
  'question-ports',
  'file-ports',
  'picture',
  'log-ports',
  'zod',
]
const wings = [...rooms, 'answer', 'sealing', 'audit']
const commands = [...wings, 'terminal', 'commander', 'node:']
/** What each room may import beside itself. Nothing points back. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  failure: [],
  catalogue: ['intl-messageformat'],
  policy: [...policy, 'json-logic-js', 'jsonc-parser'],
  decision,
  identity: [...policy, 'decision', 'jose'],
  ledger: [...policy, 'decision', 'jose', 'node:zlib'],
  'inbox-ports': ['decision'],
  'question-ports': ['decision'],
  'file-ports': [],
  picture: ['node:zlib'],
  ports: [...ledger, 'inbox-ports', 'question-ports', 'file-ports'],
  'log-ports': [...ledger, 'ports'],
  'console-ports': ['identity', 'log-ports'],
  answer: [...rooms, 'catalogue', 'node:crypto', 'node:zlib'],
  sealing: [...rooms, 'answer'],
  audit: [...rooms, 'answer', 'sealing'],
  adapters: [
    ...rooms,
    'console-ports',
    'config',
    'jose',
    'openid-client',
    'pg',
    'package.json',
    '@aws-sdk',
    'node:',
  ],
  http: [...wings, 'lines', 'hono'],
  console: [...wings, 'console-ports', 'lines', 'http', 'hono', 'node:crypto', 'node:net'],
  machine: [
    ...wings,
    'adapters',
    'config',
    'console',
    'console-ports',
    'http',
    'lines',
    'node:',
    '@aws-sdk',
    '@hono/node-server',
  ],
  // Nothing below is deployed, and nothing above may import it.
  terminal: ['failure', 'policy', 'decision', 'answer', 'commander', 'zod', 'node:'],
  proof: ledger,
  'proof/commands': [...commands, 'proof'],
  'proof/browser': [
    ...['answer', 'audit', 'decision', 'ledger', 'proof', 'console', 'zod'],
    ...['node:crypto', 'node:path'],
    ...['@noble', 'buffer', 'esbuild'],
  ],
  client: [...commands, 'adapters', 'proof', 'proof/commands'],
  'workbench/law': [...policy, 'decision', 'jsonc-parser'],
  'workbench/prover': [...policy, 'decision', 'workbench/law'],
  'workbench/commands': [
    ...[...commands, 'adapters', 'client', 'workbench/law', 'workbench/prover'],
  ],
  'workbench/desk': [
    ...commands,
    'adapters',
    'client',
    'workbench/law',
    'workbench/commands',
    'console',
    'hono',
    '@hono/node-server',
    'jsonc-parser',
  ],
  demo: [
    ...commands,
    'adapters',
    'client',
    'proof/browser',
    'http',
    'machine',
    'console',
    'console-ports',
    'jose',
    '@aws-sdk',
    '@hono/node-server',
    'dynalite',
    'oidc-provider',
  ],
  cli: [
    ...commands,
    'adapters',
    'proof',
    'proof/commands',
    'client',
    'workbench/law',
    'workbench/commands',
    'machine',
    'demo',
  ],
}
/** What stands in `answer/`, each after whatever it may import. */
const life = [
  ...['reply', 'entries', 'ask', 'reminders', 'answer.ts'],
  ...['offices', 'look-up.ts', 'records', 'handovers', 'messages', 'upkeep'],
]
const pureRooms = [
  'policy',
  'decision',
  'identity',
  'ledger',
  'answer',
  'sealing',
  'audit',
  'workbench/law',
  'workbench/prover',
  'proof',
  'ports',
  'inbox-ports',
  'question-ports',
  'file-ports',
  'picture',
  'log-ports',
  'console-ports',
]
/** Rooms of one file. */
const portFiles = [
  'failure',
  'ports',
  'inbox-ports',
  'question-ports',
  'file-ports',
  'log-ports',
  'console-ports',
].map((each) => `functions/${each}.ts`)

/** `failure.ts`, `ports.ts` and `config.ts` are rooms of one file. */
const roomOfImport = (file: string, from: string): string => {
  if (!from.startsWith('.')) return from
  const target = relative(root, join(root, dirname(file), from)).replaceAll('\\', '/')
  const room = roomOf(target)
  return room === 'doors' ? basename(target, '.ts') : room
}

const importsOf = (file: string): readonly string[] =>
  [
    ...read(file).matchAll(/(?:^|\n)(?:import|export)\b[^'"]*?from '([^']+)'|import '([^']+)'/g),
  ].map(([, from, bare]) => from ?? bare ?? '')

const functions = typescript('functions')
const everything = [...functions, ...typescript('infra'), ...typescript('test')]

describe('The house', () => {
  test('imports point one way', () => {
    const wrong = functions
      .filter((file) => roomOf(file) !== 'doors' || portFiles.includes(file))
      .flatMap((file) => {
        const room = portFiles.includes(file) ? basename(file, '.ts') : roomOf(file)
        return importsOf(file)
          .map((from) => roomOfImport(file, from))
          .filter(
            (to) =>
              to !== room &&
              !(mayImport[room] ?? []).some(
                (each) =>
                  to === each ||
                  (!Object.hasOwn(mayImport, to) && to.startsWith(`${each}/`)) ||
                  (each.endsWith(':') && to.startsWith(each)),
              ),
          )
          .map((to) => `${file} imports ${to}; ${room} may not`)
      })
    expect(wrong).toEqual([])
  })

  test('folders of `answer/` know only those before them in the life of a request', () => {
    const within = (file: string) => /^functions\/answer\/([^/]+)/.exec(file)?.[1] ?? ''
    const order = (file: string) => life.indexOf(within(file))
    const own = functions.filter((file) => within(file) !== '')
    const wrong = own.flatMap((file) =>
      importsOf(file)
        .filter((from) => from.startsWith('.'))
        .map((from) => join(dirname(file), from).replaceAll('\\', '/'))
        .filter((target) => order(target) > order(file))
        .map((target) => `${file} imports ${target}`),
    )
    expect(wrong).toEqual([])
    expect([...new Set(own.map(within))].sort()).toEqual([...life].sort())
  })

  // Kills: a door or a room that newcomers are not told of; a cell that nobody reads.
  test('the map has every door and every room, each in a line', () => {
    const map = read('functions/README.md')
    const rooms = functions.map(roomOf).filter((room) => room !== 'doors')
    const doors = functions
      .filter((file) => roomOf(file) === 'doors' && !file.endsWith('-ports.ts'))
      .map((file) => basename(file))
    const all = [...doors, ...[...new Set(rooms)].map((room) => `${room}/`)]
    expect(all.filter((each) => !map.includes(`\`${each}\``))).toEqual([])
    const cells = map.split('\n').flatMap((line) => (line.startsWith('|') ? line.split('|') : []))
    expect(cells.filter((cell) => cell.trim().length > 200)).toEqual([])
  })

  // Kills: a walk of the map that went stale, or that sends its reader to and fro.
  test('each walk of the map goes from file to file, in twelve at most, and enters no folder twice', () => {
    const [, told = ''] = read('functions/README.md').split('## Three walks')
    const walks = (told.split('\n## ')[0] ?? '').split('\n**').slice(1)
    expect(walks.length).toBe(3)
    for (const walk of walks) {
      const steps = walk.split(/^\d+\. /m).slice(1)
      const told = steps.map((step) =>
        [...step.matchAll(/`([^`]+\/[^`]+\.ts)`/g)].map(([, file = '']) =>
          file.startsWith('infra/') ? file : `functions/${file}`,
        ),
      )
      expect(told.flat().filter((file) => !existsSync(join(root, file)))).toEqual([])
      const files = told.map(([file = '']) => file)
      expect(files.length).toBeLessThanOrEqual(12)
      const imports = (file: string, other: string) =>
        [...read(file).matchAll(/(?:from|import\() ?'(\.[^']+)'/g)].some(
          ([, from = '']) => join(dirname(file), from).replaceAll('\\', '/') === other,
        )
      // By a file that was told before, or that is named beside it.
      const astray = files.filter(
        (file, i) =>
          i > 0 &&
          ![...told.slice(0, i).flat(), ...(told[i] ?? []).slice(1)].some((by) =>
            imports(by, file),
          ),
      )
      expect(astray).toEqual([])
      const folders = files.map((file) => dirname(file))
      const entered = folders.filter((folder, i) => folder !== folders[i - 1])
      expect(entered).toEqual([...new Set(entered)])
      expect(
        files.filter((file) => !/^(export )?(async )?(function|const)/m.test(read(file))),
      ).toEqual([])
    }
  })

  // Kills: a page that sends its reader to a file or a heading that was renamed.
  test('pages link to files and headings that there are', () => {
    const under = (folder: string) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.md'))
        .map((file) => join(folder, file))
    const pages = [
      ...readdirSync(root).filter((file) => file.endsWith('.md')),
      ...['functions', 'infra', 'policies', 'test'].flatMap(under),
    ]
    const headings = (page: string) =>
      [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
          .replaceAll(' ', '-'),
      )
    const wrong = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)\s:]*?)(?:#([^)\s]*))?\)/g)]
        .filter(([, path = '', heading]) => {
          const to = path === '' ? page : join(dirname(page), path)
          if (!existsSync(join(root, to))) return true
          return heading !== undefined && to.endsWith('.md') && !headings(to).includes(heading)
        })
        .map(([link]) => `${page}: ${link}`),
    )
    expect(wrong).toEqual([])
  })

  test('nothing imports itself by way of others', () => {
    const targets = new Map(
      functions.map((file) => [
        file,
        importsOf(file)
          .filter((from) => from.startsWith('.'))
          .map((from) => join(dirname(file), from).replaceAll('\\', '/')),
      ]),
    )
    const open: string[] = []
    const done = new Set<string>()
    const circles: string[] = []
    const visit = (file: string) => {
      if (open.includes(file)) circles.push([...open.slice(open.indexOf(file)), file].join(' → '))
      if (open.includes(file) || done.has(file)) return
      open.push(file)
      for (const target of targets.get(file) ?? []) visit(target)
      open.pop()
      done.add(file)
    }
    for (const file of functions) visit(file)
    expect(circles).toEqual([])
  })

  test('the pure rooms know no clock, randomness, environment or network', () => {
    const impure =
      /\bDate\.now\(|new Date\(\)|Math\.random\(|process\.|\bfetch\(|\brandom[A-Z]\w*|generateKey|getRandomValues|setTimeout/
    const wrong = functions
      .filter((file) => pureRooms.includes(roomOf(file)) || portFiles.includes(file))
      .filter((file) => impure.test(read(file)))
    expect(wrong).toEqual([])
  })

  test('a file is a page or two', () => {
    const linesMax = (file: string) => {
      // Two tables, which grow with the law.
      if (/^functions.policy.(fact-types|vocabulary)\.ts$/.test(file)) return 600
      // A file ends where its idea ends: a lower cap cut one thing in two.
      return file.startsWith('test/') ? 600 : 400
    }
    const long = everything
      .map((file) => ({ file, lines: read(file).split('\n').length }))
      .filter(({ file, lines }) => lines > linesMax(file))
    expect(long).toEqual([])
  })

  // Outside this folder `npx` would fetch a name that is nobody's.
  test('what is printed, packed or given away never says `npx comity`', () => {
    const wrong = everything
      .filter((file) => file.startsWith('functions/') && file !== 'functions/local.ts')
      .filter((file) => read(file).includes('npx comity'))
    expect(wrong).toEqual([])
  })

  test('no name says nothing', () => {
    const empty = /(^|\/)(utils?|helpers?|common|misc|manager|service)([./-]|$)/i
    expect(everything.filter((file) => empty.test(file))).toEqual([])
  })

  test('every file opens with what it is, and every exported function or type is documented', () => {
    const wrong = functions.flatMap((file) => {
      const text = read(file)
      const opens = text.startsWith('/**') || text.startsWith('#!')
      const bare = [
        ...text.matchAll(
          /(?<before>[^\n]*)\nexport (?:async )?(?:function|type|const) (?<name>\w+)/g,
        ),
      ]
        .filter(({ groups }) => {
          const before = groups?.before ?? ''
          const inferred = new RegExp(`export type ${groups?.name} = (z\\.infer|ReturnType)`).test(
            text,
          )
          return !(
            before.trimEnd().endsWith('*/') ||
            inferred ||
            (before.startsWith('import ') && false)
          )
        })
        .map(({ groups }) => `${file}: ${groups?.name} is not documented`)
      return [...(opens ? [] : [`${file} does not say what it is`]), ...bare]
    })
    expect(wrong).toEqual([])
  })

  test('what runs in a function or on a machine is nothing of what is never deployed', () => {
    const doors = [...deployed, ...onMachines]
    const rooms = doors.flatMap((door) => [...closureOf(`functions/${door}.ts`)].map(roomOfFile))
    expect(neverDeployed.filter((room) => rooms.includes(room))).toEqual([])
    // Else a room that was renamed would never be found.
    const all = functions.map(roomOfFile)
    expect(neverDeployed.filter((room) => !all.includes(room))).toEqual([])
  })

  test('what verifies a log or evidence is nothing of AWS, and no adapter', () => {
    const files = [...closureOf('functions/verify.ts')]
    const far = /^(adapters|http|console|machine|client|workbench|demo|cli)\/$/
    expect(files.filter((file) => far.test(roomOfFile(file)))).toEqual([])
    const packages = files.flatMap(importsOf).filter((from) => from.startsWith('@aws-sdk'))
    expect(packages).toEqual([])
  })

  test('a type has one name, and a name one type', () => {
    const places = functions.flatMap((file) =>
      [...read(file).matchAll(/^export (?:type|interface) (\w+)/gm)].map(
        ([, name = '']) => [name, file] as const,
      ),
    )
    const several = [...Map.groupBy(places, ([name]) => name)]
      .filter(([, all]) => all.length > 1)
      .map(([name, all]) => `${name}: ${all.map(([, file]) => file).join(', ')}`)
    expect(several).toEqual([])
  })

  test('no code tests the text of a message: a failure has a code', () => {
    const tested =
      /[mM]essage\??\.(?:startsWith|endsWith|includes|match|search)\(|\.test\([^)]*[mM]essage\)/
    const wrong = functions.flatMap((file) =>
      read(file)
        .split('\n')
        .flatMap((line, i) => (tested.test(line) ? [`${file}:${i + 1}`] : [])),
    )
    expect(wrong).toEqual([])
  })

  test('no test of a tool, of the engine or of the gateway names a policy that is shipped', () => {
    const [shipped, own] = [shippedLaw, [...worldLaw, ...ownFiles]].map(
      (files) => new Set(files.map(({ path }) => dirname(path))),
    )
    const wrong = [...(own ?? [])].filter((id) => shipped?.has(id) && !id.startsWith('lists/'))
    const names = [...(shipped ?? [])].filter((id) => !id.startsWith('lists/')).join('|')
    const named = new RegExp(`(?<![a-z0-9/-])(?:${names})(?![a-z0-9-])`)
    for (const file of withOwnLaw.flatMap((room) => typescript(`test/${room}`)))
      for (const [i, line] of read(file).split('\n').entries())
        if (named.test(line)) wrong.push(`${file}:${i + 1}`)
    expect(wrong).toEqual([])
  })

  // Keys are made of the kinds that are declared, and borders of rights, too.
  test('no file but `adapters/rows.ts` says what a key of a row begins with', () => {
    const begins = /['"`](?:[A-Z]+|begun|session)#/
    const wrong = [...functions, ...typescript('infra')]
      .filter((file) => file !== 'functions/adapters/rows.ts')
      .filter((file) => begins.test(read(file)))
    expect(wrong).toEqual([])
  })

  test('no lock file holds download addresses', () => {
    for (const folder of ['.', 'test/bench'])
      expect(read(`${folder}/package-lock.json`)).not.toMatch(/"resolved": "http/)
  })

  test('every dependency has one exact version', () => {
    for (const folder of ['.', 'test/bench']) {
      const own = JSON.parse(read(`${folder}/package.json`))
      const { dependencies, devDependencies, optionalDependencies } = own
      const all = { ...dependencies, ...devDependencies, ...optionalDependencies }
      // What has no other versions than betas is named by one of these.
      const exact = /^\d+\.\d+\.\d+(-beta\.\d+)?$/
      const wrong = Object.values(all).filter((each) => !exact.test(String(each)))
      expect(wrong).toEqual([])
    }
  })

  // Kills: an import that is not installed where the gateway runs; a toolkit that is, and that nothing there imports.
  test('dependencies are what the gateway and its commands import, and devDependencies the rest', () => {
    const { name: own, dependencies, devDependencies } = JSON.parse(read('package.json'))
    const doors = [...deployed, ...onMachines, 'cli', 'verify']
    const run = doors.flatMap((door) => [...closureOf(`functions/${door}.ts`)])
    // A test partner's store is for whoever has a checkout.
    const running = packagesIn(run.filter((file) => roomOfFile(file) !== 'demo/'))
    expect(Object.keys(dependencies).toSorted()).toEqual([...running].toSorted())
    const imported = packagesIn(['functions', 'infra', 'test'].flatMap(typescript), / /)
    // What scripts of `package.json` run, and types of Node.
    const tools = ['@biomejs/biome', '@types/node', 'aws-cdk', 'typescript', 'vitest']
    const needed = Object.keys(devDependencies).filter((name) => !tools.includes(name))
    const others = [...imported].filter((name) => !running.has(name) && name !== own)
    expect(
      needed.map((name) => name.replace('@types/', '')).filter((name) => !imported.has(name)),
    ).toEqual([])
    const known = (name: string) => name in devDependencies || `@types/${name}` in devDependencies
    expect(others.filter((name) => !known(name))).toEqual([])
  })
})

/** The packages that files import when they run, or in whatever way they name one. */
function packagesIn(files: readonly string[], way = / (?!type\b)/): ReadonlySet<string> {
  const named = new RegExp(
    `(?:^import(?:${way.source}[^'"]*?\\sfrom)? |\\bimport\\(|\\.resolve\\()'([@a-z][^']*)'`,
    'gm',
  )
  return new Set(
    files
      .flatMap((file) => [...read(file).matchAll(named)].map(([, from = '']) => from))
      .filter((from) => !isBuiltin(from))
      .map((from) => /^(@[^/]+\/)?[^/]+/.exec(from)?.[0] ?? from),
  )
}

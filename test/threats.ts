/**
 * Which tests hold what SECURITY.md says: for each of its threats and roots of trust, by its heading, files under `test/`
 * and what titles in them say. `node test/threats.ts` prints them as a table; with a word, those whose name has it.
 */

/** Tests by their files. */
type Tests = Readonly<Record<string, readonly string[]>>

/** What holds each threat's promise. */
export const threats: Readonly<Record<string, Tests>> = {
  'An agency': {
    'identity/who-may.long.test.ts': ['those may %s who the second reading says'],
    'identity/hostile.test.ts': ['meet every refusal there is'],
    'answer/ask/still-leaves.long.test.ts': [
      'by none once %s, and no way says so',
      'is a way that is tried, or says why it opens nothing again',
    ],
  },
  'A registrar': {
    'identity/statements.long.test.ts': [
      'Of histories by chance, a second reading finds what the register does',
      'are followed by those whom two of them name, and who left signs nothing, whatever the date',
    ],
  },
  "An agency's officer": {
    'identity/authorize.test.ts': [
      'Everybody may do what the second reading says, and nothing else',
    ],
    'identity/statements.long.test.ts': [
      'is named by two keys of the agency, once it has any, and by nobody else',
    ],
    'answer/offices/named-officers.test.ts': [
      'nobody else looks at what would leave, or releases it',
      'whose right was ended decides no more, and none is left where all were ended',
    ],
  },
  'A stolen key of an agency': {
    'identity/statements.long.test.ts': [
      'that was stolen and revokes the good one stands still with it, until a registrar answers',
    ],
    'decision/compromised.test.ts': [
      'what is known with compromised keys is known without what they signed, and is the same',
    ],
    'answer/ask/compromised.long.test.ts': [
      'leaves no more, and no older release comes back in its place',
      'is there again where it is against a disclosure, and is not where it lets go',
    ],
    'cli/agency.test.ts': [
      'that others had is looked up: what it signed since is listed, and of nobody else',
    ],
  },
  "An administrator of the register's table": {
    'attack/register.test.ts': [
      'plants %s: nothing comes of it but a finding',
      'plants both approvers: neither is one',
      'refuses a row that was put back or taken out, and says so',
    ],
    'adapters/register-dynamodb.long.test.ts': [
      'misses a statement that another saw, though it looked at all agencies first',
      'answers nothing from a read of more than a minute ago, and says that the store is away',
    ],
  },
  'What a requester claims': {
    'answer/ask/general.test.ts': [
      'hangs on no claim: %s is said of the country alone',
      'leaves as a duty with its value',
    ],
    'decision/unknown.test.ts': [
      'a fact that goes missing loosens no outcome, no treatment and no duty',
    ],
  },
  'An office that attests': {
    'answer/offices/attestation.long.test.ts': [
      'is taken back by that office and its successor, and by nobody else',
    ],
    'decision/attested.long.test.ts': ['each comparison of the matcher, broken, is found'],
  },
  'An officer of the holder': {
    'answer/offices/person.long.test.ts': ['leaves as the officer was shown it'],
    'decision/disclose.test.ts': ['has no item that nobody judged'],
    'attack/decisions.test.ts': ['does not leave by his older one once he takes the newest back'],
    'attack/answers.long.test.ts': ['What an officer took out does not leave by rule alone'],
  },
  'A policy file': {
    'workbench/commands/seal-anew.test.ts': [
      'is not sealed anew where one sealer is not the demonstration’s',
    ],
    'workbench/commands/policy-begin.long.test.ts': [
      'begin over exactly the files that stand, by its own two keys',
    ],
    'workbench/commands/seal.long.test.ts': [
      'stops the gateway and the command line, which say which file it is',
      'are two: nobody signs twice',
      'fail is not sealed, and the first that fails is told',
    ],
  },
  'The folder of the law': {
    'policy/set.long.test.ts': [
      'is refused after random changes, each by a sentence that names file or folder',
    ],
    'policy/carried.test.ts': [
      'is not opened with other keys than those that are pinned',
      'is not opened with anything of it changed',
    ],
    'policy/floor.test.ts': [
      'starts at the floor or above, and not below, where the folder is named',
    ],
    'drills/law.long.test.ts': [
      'starts nothing older by planting a row, by deleting the first or all, or with the table gone',
    ],
  },
  'A suspension': {
    'policy/stop.test.ts': ['stands through whatever else is stated', 'is not ended by %s'],
    'attack/law.long.test.ts': [
      'counts within a minute in two instances that run, and the denial is open',
      'lifts nothing in an instance that runs by deleting rows of the chain, one or all',
      'lifts nothing in one that starts on a chain that was cut: the log knows more',
    ],
    'attack/roots.long.test.ts': [
      'does not lift a suspension in an instance that starts on a chain that was cut',
    ],
    'policy/suspension.test.ts': ['lifts nothing by deleting, changing, moving or repeating rows'],
  },
  'A record': {
    'decision/disclose.test.ts': ['has none of several items that share an id'],
    'attack/answers.long.test.ts': [
      'gets nothing of it, as if none fitted, until an officer says that it is theirs',
      'Nothing leaves by rule alone of whom the record calls an adult of fifteen',
    ],
  },
  "The gateway's role in the cloud": {
    'infra/stack.test.ts': ['the function of the door %s cannot update or delete an entry'],
  },
  'An auditor': {
    'http/audit-matrix.long.test.ts': [
      'evidence shows each entry by the rule, and of any other there is none',
    ],
  },
  'The sealer, or whoever may write to its table': {
    'infra/stack.test.ts': [
      'where entries are sealed is the sealer’s to say, and others look one up',
    ],
    'attack/planted-marks.test.ts': [
      'at the place of another entry has none answered either',
      'is not taken for the statement, in the ledger or, lost there, in the log',
    ],
  },
  'The signer': {
    'sealing/sign.test.ts': ['signs one of two forks that come at once, and never both'],
    'infra/stack.test.ts': [
      'the signer reaches no table but its memory, which nobody else can write',
    ],
  },
  'Whoever signs nothing': {
    'machine/bounds.test.ts': [
      'A flood of a network closes its own oldest connections, and none on which a signature held',
      'Calls begin one in each turn, each network’s in turn, and at once where a signature held',
      'A header is believed from a named proxy alone, whose connections are neither closed nor proven',
    ],
    'machine/flood.long.test.ts': ['None is refused beside a flood of their own network, %s'],
    'infra/resources.long.test.ts': ['limits calls, and logs nothing of a caller'],
  },
  "A page of a browser on a developer's machine": {
    'demo/embedded.long.test.ts': ['answers only who knows the secret of this start, and no page'],
  },
  'A session in a browser, or whoever has taken one': {
    'console/officer.test.ts': [
      'An officer sees the pages of what the agency named them for, and no others',
      'No form of a session acts: those of a request lead to a page that says what would be signed',
    ],
    'console/picture.test.ts': ['Nobody else sees it, nor another item, request or look'],
    'console/shift.test.ts': [
      'Another officer sees their own answers alone, and a colleague’s is as one that does not exist',
    ],
    'audit/look.test.ts': ['is an entry that says by which login, and that nobody signed it'],
  },
  'Another site, a script, or the next person at the browser': {
    'console/login.test.ts': [
      'by no form of another site, nor by one without its token',
      'has a session that nobody gets from the table',
    ],
    'console/kept-form.test.ts': [
      'once somebody else logged in with the same browser',
      'What was typed is in no table of sessions, nor is a token of a form',
    ],
    'console/officer.test.ts': [
      'A link of another site asks first and enters nothing, but for the redirect of a login',
    ],
  },
  "The console's function in the cloud": {
    'lambda/console.long.test.ts': [
      'send a request from the screen, signed by a passkey, and get the answer of the API',
    ],
    'lambda/access.long.test.ts': [
      'is heard by a version alone, and by no alias that others may call',
    ],
  },
  'A page of the console that lies': {
    'console/verify.long.test.ts': ['says without scripts what one can do instead'],
    'console/lying.long.test.ts': [
      'shows what is true where the page says that another officer asked and something else came of it',
    ],
  },
  "An officer's passkey": {
    'identity/passkey.test.ts': ['is none by a passkey %s', 'is none where its officer %s'],
    'answer/offices/passkey-reach.test.ts': [
      'An officer vouches by passkey in one matter, and never for a case or a country',
      'An officer objects by passkey in one matter, and never for all that an attestation reaches',
    ],
    'identity/statements.long.test.ts': [
      'is entered by two keys of the agency for an officer whom it names, and by nobody else',
    ],
    'proof/passkey-act.test.ts': ['Both verifiers refuse an act by a passkey %s'],
    'console/acts-signed.long.test.ts': [
      'where another officer’s session sends what somebody signed',
      'by a key that an operator made, who has every page and no passkey',
      'that no page of the console has an officer sign, however well it is signed',
      'A login to act is refused if the person proved who they are long ago, whatever the provider was asked',
    ],
  },
  'A page that shows one act and has another signed': {
    'proof/passkey-act.test.ts': [
      'The agency of the officer is told of each act by a passkey, and nobody else is',
    ],
  },
  'A lawyer at `comity desk`': {
    'workbench/desk/guard.test.ts': [
      'of a name that was bound anew to 127.0.0.1',
      'of another site',
    ],
    'workbench/desk/drafts.test.ts': ['a sealed version'],
    'workbench/desk/signing.long.test.ts': [
      'nothing is signed that was not shown, or by a key that may not',
    ],
  },
  'A login provider': {
    'console/logout.test.ts': [
      'Whoever logs in where somebody logged out is asked who they are, and is themselves',
    ],
    'identity/session.test.ts': [
      'A login is somebody only by the word of the provider that the agency named',
    ],
    'console/login.test.ts': [
      'by the answer of one provider where another was asked',
      'by a code that another browser was given',
      'within a minute once the agency ends its officer',
    ],
    'console/acts-signed.long.test.ts': [
      'A login is refused if the provider says that it will have been',
    ],
  },
  'An approver (data protection)': {
    'answer/ask/general.test.ts': [
      'counts once data protection of the holder has signed it, and not before',
    ],
    'attack/answers.long.test.ts': [
      'signs nothing for data protection that they entered themselves, by one login',
    ],
  },
  'Two offices together': {
    'audit/erase.long.test.ts': [
      'nobody can read what was asked of the person, by whichever name it was asked',
      'every entry is there, byte for byte',
    ],
  },
  'The operator': {
    'answer/ask/signed-acts.long.test.ts': ['and not with %s', 'with %s'],
    'answer/ask/lost-rows.long.test.ts': [
      'nothing is forgotten where its rows are put back to before',
      'nothing more leaves where its rows are deleted',
    ],
    'proof/seen-before.test.ts': [
      'shows by a %s that store, archive and witnesses were put back together',
    ],
    'proof/trust.long.test.ts': ['is not believed by whoever trusts %s'],
    'proof/late.long.test.ts': [
      'is explained by its agencies’ signed calls, and what was made up in that hour is not',
    ],
    'proof/stamped.long.test.ts': ['is found out by the stamp of what was there before'],
    'http/served.test.ts': [
      'In prod it starts for one jurisdiction, or for those of which it is said in so many words',
    ],
  },
}

/** What rehearses the loss of each root of trust. */
export const roots: Readonly<Record<string, Tests>> = {
  "A sealer's key, for some folders": {
    'drills/keys.test.ts': [
      'is succeeded by another; what it sealed holds as long as its public half is there',
    ],
  },
  'A release key': {
    'drills/keys.test.ts': ['is succeeded in the next set; who left signs none'],
  },
  "A registrar's key": {
    'identity/statements.long.test.ts': [
      'are followed by those whom two of them name, and who left signs nothing, whatever the date',
    ],
  },
  "An agency's key": {
    'drills/keys.test.ts': [
      'is replaced while both work; the old one is refused a minute after, and what it signed stays',
    ],
  },
  'The key of receipts': {
    'drills/keys.test.ts': [
      'get a new key for receipts; old receipts still verify, and its copy has it, too',
    ],
  },
  'The key of checkpoints': {
    'drills/sealing.long.test.ts': [
      'cannot be replaced under a log that was published: it stands still, and the checkpoint stays',
    ],
  },
  'The master secret': {
    'drills/keys.test.ts': [
      'come back from their copy if the table of keys is lost, and what was wrapped opens again',
    ],
  },
  "A witness's or stamping authority's key": {
    'sealing/witness.long.test.ts': [
      'never goes back: a replayed or rolled-back checkpoint meets what it remembers',
    ],
  },
  'The account in the cloud, and whoever deploys to it': {
    'proof/trust.long.test.ts': [
      'is found out where it had to invent the log, though three invented witnesses saw it',
    ],
  },
}

/** The table, as Markdown: a row for each test. */
function print(word = ''): void {
  console.log('| threat or root | file | test |\n|---|---|---|')
  for (const [name, tests] of Object.entries({ ...threats, ...roots }))
    if (name.toLowerCase().includes(word.toLowerCase()))
      for (const [file, titles] of Object.entries(tests))
        for (const title of titles) console.log(`| ${name} | \`${file}\` | ${title} |`)
}

if (process.argv[1] === import.meta.filename) print(process.argv[2])

/**
 * What DynamoDB and KMS say in each answer of theirs, whatever they found. What is said otherwise is of something in
 * between, or was cut: it is no answer, and never one that nothing is there.
 */

/** An object of JSON. */
type Members = Readonly<Record<string, unknown>>

/** Whether what an operation was answered with success can be its answer. */
export const isAnswerTo = (operation: string, said: Members, asked: object): boolean =>
  // A cast: any object has members that are unknown.
  Object.hasOwn(answers, operation) ? answers[operation]?.(said, asked as Members) === true : true

const answers: Readonly<Record<string, (said: Members, asked: Members) => boolean>> = {
  GetItem: ({ Item, ...more }) => isMeasured(more) && (Item === undefined || isItem(Item)),
  PutItem: isWritten,
  UpdateItem: isWritten,
  DeleteItem: isWritten,
  Query: isPage,
  Scan: isPage,
  BatchGetItem: ({ Responses, UnprocessedKeys }, { RequestItems }) => {
    if (!isObject(Responses) || !areOf(RequestItems, UnprocessedKeys)) return false
    return Object.keys(Object(RequestItems)).every((table) => {
      const left = UnprocessedKeys[table]
      const isLeft = isObject(left) && isList(left.Keys, isItem) && left.Keys.length > 0
      return left === undefined
        ? isList(Responses[table], isItem)
        : isLeft && (Responses[table] === undefined || isList(Responses[table], isItem))
    })
  },
  BatchWriteItem: ({ UnprocessedItems }, { RequestItems }) =>
    areOf(RequestItems, UnprocessedItems) &&
    Object.values(UnprocessedItems).every((left) => isList(left, isWrite)),
  Encrypt: ({ CiphertextBlob }) => isBytes(CiphertextBlob),
  Decrypt: ({ Plaintext }) => isBytes(Plaintext),
  Sign: ({ Signature }) => isBytes(Signature),
  GetPublicKey: ({ PublicKey }) => isBytes(PublicKey),
}

/** Of a write only what was asked for is said. */
function isWritten({ Attributes, ...more }: Members, { ReturnValues = 'NONE' }: Members): boolean {
  if (!isMeasured(more)) return false
  return Attributes === undefined ? ReturnValues !== 'ALL_NEW' : isItem(Attributes)
}

/** A page counts its items. */
function isPage({ Items, Count, LastEvaluatedKey: last }: Members): boolean {
  if (!isList(Items, isItem) || Items.length !== Count) return false
  return last === undefined || (isItem(last) && Object.keys(last).length > 0)
}

/** Whether no more is said than what it cost: where nothing is there, DynamoDB says nothing. */
const isMeasured = (more: Members): boolean =>
  Object.keys(more).every((name) => name === 'ConsumedCapacity' || name === 'ItemCollectionMetrics')

/** Whether what is left to do is of the tables that were asked. */
const areOf = (asked: unknown, left: unknown): left is Members =>
  isObject(left) && Object.keys(left).every((table) => Object.hasOwn(Object(asked), table))

const isWrite = (each: unknown): boolean =>
  isObject(each) &&
  Object.values(each).every((of) => isObject(of) && (isItem(of.Item) || isItem(of.Key)))

const isItem = (item: unknown): item is Members =>
  isObject(item) && Object.values(item).every(isValue)

function isValue(value: unknown): boolean {
  if (!isObject(value)) return false
  const names = Object.keys(value)
  const type = names[0] ?? ''
  return names.length === 1 && types[type]?.(value[type]) === true
}

/** The types of values, by DynamoDB's letters. */
const types: Readonly<Record<string, (of: unknown) => boolean>> = {
  S: isText,
  N: isNumber,
  B: isText,
  BOOL: (of) => typeof of === 'boolean',
  NULL: (of) => of === true,
  SS: (of) => isList(of, isText),
  NS: (of) => isList(of, isNumber),
  BS: (of) => isList(of, isText),
  L: (of) => isList(of, isValue),
  M: isItem,
}

function isText(of: unknown): of is string {
  return typeof of === 'string'
}

/** A number is written as a text. */
function isNumber(of: unknown): boolean {
  return isText(of) && of !== '' && Number.isFinite(Number(of))
}

const isBytes = (of: unknown): boolean => isText(of) && of !== ''

const isObject = (of: unknown): of is Members =>
  typeof of === 'object' && of !== null && !Array.isArray(of)

const isList = (of: unknown, is: (each: unknown) => boolean): of is readonly unknown[] =>
  Array.isArray(of) && of.every(is)

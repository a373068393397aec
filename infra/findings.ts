/** A second reader: AWS's rules for what is deployed, and why what they find is right here. */

import { type App, Stack, Validations } from 'aws-cdk-lib'
import { CfnFunction } from 'aws-cdk-lib/aws-lambda'
import { AwsSolutionsChecks } from 'cdk-nag'
import { openRoutes } from './access.ts'

/** What a rule finds at a construct, and why it stays: a sentence that a security officer signs. */
export type Explained = { readonly at: string; readonly finding: string; readonly why: string }

const objects =
  'The objects of one bucket, by the actions that are written out: their names are those of logs and tiles, which are not known before. What is there, the bucket’s own policy protects: none is removed, and none is written twice.'
const signed =
  'Who calls is verified in the function, more strictly than an authorizer of the API could: a signature of a registered agency over method, address, body, time and a number used once. What is answered without one is public: keys, health, the description of the API, checkpoints and tiles.'

/** The constructs of routes of documents, whose ids have no slash. */
const documentRoutes = [
  ...openRoutes.map((each) => `Route ${each}`),
  'AuditRoute GET /audit/openapi.json',
].map((each) => each.replaceAll('/', '--'))

/** Everything that the rules find and we leave as it is. */
export const explained: readonly Explained[] = [
  {
    at: 'Archive',
    finding: 'AwsSolutions-S1',
    why: 'Server access logs are delivered as best they can, so that they prove nothing, and would need a bucket that is kept as well as this one. What is in here is published to whoever asks, has one writer and cannot be removed; who called S3 is told by the account’s trail.',
  },
  ...['AccessRights', 'AuditRights', 'SealRights'].map((at) => ({
    at,
    finding: 'AwsSolutions-IAM5[Resource::<ArchiveDA4CB258.Arn>/*]',
    why: objects,
  })),
  {
    at: 'SealRights',
    finding: 'AwsSolutions-IAM5[Resource::<Decisions28C7D866.Arn>/stream/*]',
    why: 'The one action is to list the streams of one table, which AWS names by the moment of their making. Records are read from the one stream that is named in full.',
  },
  {
    at: 'ReleaseRights',
    finding: 'AwsSolutions-IAM5[Resource::*]',
    why: 'The one action is to read the state of alarms, as AWS’s own policy for this has it. Alarms say that something fails, and nothing of anybody’s data; which of them matter to a release is written in the release.',
  },
  ...['Route', 'AuditRoute', ...documentRoutes].map((at) => ({
    at,
    finding: 'AwsSolutions-APIG4',
    why: signed,
  })),
  {
    at: 'Abandoned',
    finding: 'AwsSolutions-SQS3',
    why: 'It is itself where the stream’s records go that were given up. Nothing takes messages from it, so that none can fail; people read it.',
  },
]

/** What the rules find beside it where the settings name a second Region; `copy` is the stack of its archive. */
export const explainedInTwo = (
  copy: Stack,
): readonly (Explained & { readonly stack: '' | '-Archive' })[] => [
  {
    stack: '-Archive',
    at: 'ArchiveCopy',
    finding: 'AwsSolutions-S1',
    why: 'As of the archive that it is a copy of: what is in here is published to whoever asks, S3 alone writes it, and nobody removes it; who called S3 is told by the account’s trail.',
  },
  {
    stack: '',
    at: 'CopyRights',
    finding: 'AwsSolutions-IAM5[Resource::<ArchiveDA4CB258.Arn>/*]',
    why: objects,
  },
  {
    stack: '',
    at: 'CopyRights',
    // As the rule writes what one stack tells another.
    finding: `AwsSolutions-IAM5[Resource::${JSON.stringify({
      'Fn::GetStackOutput': {
        StackName: copy.stackName,
        Region: copy.region,
        OutputName: 'PublishOutputFnGetAttArchiveCopyCC805B16Arn554B4456',
      },
    })}/*]`,
    why: objects,
  },
]

/** What the rules find of each function in a private network. */
const explainedInNetwork: readonly Explained[] = ['Access', 'Audit', 'Seal', 'Sign'].map(
  (door) => ({
    at: `${door}Rights`,
    finding: 'AwsSolutions-IAM5[Resource::*]',
    why: 'Lambda makes and removes the function’s addresses in the network before its code runs, by actions for which IAM knows no resource. A second statement denies them to whatever the code calls.',
  }),
)

/** Has every synth read the template by AWS’s rules; what is found and not explained ends it. */
export function readTwice(app: App, stack: Stack): void {
  const copy = app.node.tryFindChild(`${stack.stackName}-Archive`)
  const inNetwork = stack.node.tryFindChild('Access')?.node.defaultChild
  const isPlaced = inNetwork instanceof CfnFunction && inNetwork.vpcConfig !== undefined
  const all: readonly (Explained & { readonly stack?: string })[] = [
    ...explained,
    ...(copy instanceof Stack ? explainedInTwo(copy) : []),
    ...(isPlaced ? explainedInNetwork : []),
  ]
  for (const { at, finding, why, stack: part = '' } of all) {
    const construct = app.node.tryFindChild(`${stack.stackName}${part}`)?.node.tryFindChild(at)
    if (construct === undefined)
      throw new Error(
        `couldn’t explain ${finding}: the stack has no ${at}; strike it in findings.ts`,
      )
    Validations.of(construct).acknowledge({ id: finding, reason: why })
  }
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
}

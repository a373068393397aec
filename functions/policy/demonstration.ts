/**
 * The public halves of the keys in `policies/demonstration-keys`. They are not recognised by `kid`, which is
 * only a name that anybody may give to any key.
 */
const demonstrationKeys: ReadonlySet<string> = new Set([
  '0eb4VqzkiL1DJD5ntoebwKE1xvfbixNSu5R59Quakfk',
  'lXMp5-wry-Ph1JQoSeFVewx_iqyZu4KQWdx2fNrf8eo',
  'Xb1CURTzb9wOIkVHfhur2_IQkZzMqu1kdy66ynBP7n8',
  'jHf4KYz18zvXry3n8PUQdgLWHN6DXdN0ea_-UGp_Y1M',
])

/** Whether everybody has the private half of the key with this public half (`x` of its JWK). */
export const isDemonstrationKey = (x: string | undefined): boolean =>
  x !== undefined && demonstrationKeys.has(x)

/**
 * The keys whose private halves lie in `policies/demonstration-keys`, by their public halves: a `kid` is
 * only a name, which anybody may give to any key.
 */
const demonstrationKeys: ReadonlySet<string> = new Set([
  '0eb4VqzkiL1DJD5ntoebwKE1xvfbixNSu5R59Quakfk',
  'lXMp5-wry-Ph1JQoSeFVewx_iqyZu4KQWdx2fNrf8eo',
  'Xb1CURTzb9wOIkVHfhur2_IQkZzMqu1kdy66ynBP7n8',
  'jHf4KYz18zvXry3n8PUQdgLWHN6DXdN0ea_-UGp_Y1M',
])

/** Whether everybody can sign with the key of this public half (`x` of its JWK). */
export const isDemonstrationKey = (x: string): boolean => demonstrationKeys.has(x)

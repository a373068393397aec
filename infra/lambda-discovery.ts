/** The SDK's discovery of endpoints, which no function uses. */

/** Stands in for `@aws-sdk/middleware-endpoint-discovery` in a bundle; `bundle.ts` says why. */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: (): boolean => false,
  configFileSelector: (): boolean => false,
  default: false,
}
export const resolveEndpointDiscoveryConfig = <Config>(config: Config): Config => config

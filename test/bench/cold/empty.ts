/** A function that does nothing: what Lambda's runtime client alone takes. */

export const handler = async () => ({ statusCode: 204 })

/** So often something is tried that a busy machine may disturb. */
const attemptsMax = 6

/**
 * Does what holds only while a service answers in time. When it fails and the service was late meanwhile, as a busy
 * machine makes it, it is done anew; when the service was not, it has failed.
 * @param disturbances how often the service was late or lost until now
 */
export async function undisturbed<T>(disturbances: () => number | Promise<number>, what: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await disturbances()
    try {
      return await what()
    } catch (error) {
      if (attempt === attemptsMax || (await disturbances()) === before) throw error
    }
  }
}

import { startChatelaine } from '../chatelaine.ts'
import { p99Ms, perSecond } from '../figures.ts'
import { verifications } from '../requests.ts'
import { alternate, ratiosOf, spreadOf } from '../rounds.ts'
import { fewTokens, measureRound, type Scene } from '../scene.ts'
import { spoken, type Line } from '../table.ts'

/** Verifications of remembered tokens by two answering processes on one port, against one process. */
export async function verifyProcesses(scene: Scene): Promise<Line[]> {
  const [ofOne, ofTwo] = [await scene.dataWith(fewTokens), await scene.dataWith(fewTokens)]
  const one = await startChatelaine(ofOne.directory)
  const two = await startChatelaine(ofTwo.directory, { CHATELAINE_PROCESSES: '2' })
  try {
    const measured = await alternate(scene.roundCount, {
      one: () => measureRound(scene, one, verifications(ofOne, ofOne.tokens(0, fewTokens))),
      two: () => measureRound(scene, two, verifications(ofTwo, ofTwo.tokens(0, fewTokens))),
    })
    return [
      {
        what: `verify warm by two processes, ${spoken(fewTokens)} tokens`,
        unit: 'a second',
        spread: spreadOf(perSecond(measured.two)),
      },
      { what: '… p99', unit: 'ms', spread: spreadOf(p99Ms(measured.two)) },
      {
        what: '… against one process',
        unit: 'times',
        spread: ratiosOf(perSecond(measured.two), perSecond(measured.one)),
      },
    ]
  } finally {
    await Promise.all([one, two].map((server) => server.stop()))
  }
}

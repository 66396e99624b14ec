import { useState, type PointerEvent } from 'react'
import { words } from '../words/words.ts'
import './bars.css'
import { nameOfStep, ticksOf, type StepUnit } from './time.tsx'

/** One bar of the chart. */
export interface Step {
  /** When it begins. */
  readonly at: string
  readonly good: number
  readonly bad: number
}

/**
 * What was good and what was not, step by step. A step is read by pointing at it or with the arrow keys, and all of
 * them stand in a table, for whoever would rather read them there.
 */
export function Bars({
  steps,
  by,
  caption,
  good,
  bad,
}: {
  steps: readonly Step[]
  by: StepUnit
  caption: string
  /** What the two parts are called. */
  good: string
  bad: string
}) {
  const [looked, setLooked] = useState<number>()
  const top = topFor(Math.max(...steps.map((step) => step.good + step.bad)))
  const share = (count: number) => (count / top) * 100
  const width = 100 / Math.max(1, steps.length)
  const told = (step: Step) => `${nameOfStep(step.at, by)}: ${words.usage.step(step.good, step.bad)}`
  const shown = looked === undefined ? undefined : steps[looked]
  const pointAt = ({ currentTarget, clientX }: PointerEvent) => {
    const { left, width: whole } = currentTarget.getBoundingClientRect()
    setLooked(Math.min(steps.length - 1, Math.max(0, Math.floor(((clientX - left) / whole) * steps.length))))
  }
  return (
    <figure className="bars">
      <figcaption>
        <span className="bars-told">{shown === undefined ? caption : told(shown)}</span>
        <span className="bars-keys muted">
          <span className="bars-key bars-key-good">{good}</span> <span className="bars-key">{bad}</span>
        </span>
      </figcaption>
      <div className="bars-plot">
        <div className="bars-scale muted" aria-hidden="true">
          {[top, top / 2, 0].map((count) => (
            <span key={count}>{words.compact(count)}</span>
          ))}
        </div>
        <div
          className="bars-steps"
          onPointerMove={pointAt}
          onPointerDown={pointAt}
          onPointerLeave={() => setLooked(undefined)}
        >
          <svg aria-hidden="true">
            {['0%', '50%'].map((y) => (
              <line key={y} className="bars-line" x1="0" x2="100%" y1={y} y2={y} />
            ))}
            {looked !== undefined && (
              <rect className="bars-looked" x={`${looked * width}%`} width={`${width}%`} height="100%" />
            )}
            {steps.map((step, index) => {
              const place = { x: `${(index + 0.12) * width}%`, width: `${width * 0.76}%` }
              const [goodShare, badShare] = [share(step.good), share(step.bad)]
              return (
                <g key={step.at}>
                  <rect className="bars-good" {...place} y={`${100 - goodShare}%`} height={`${goodShare}%`} />
                  <rect className="bars-bad" {...place} y={`${100 - goodShare - badShare}%`} height={`${badShare}%`} />
                </g>
              )
            })}
            {ticksOf(steps, by).map(({ index, name }) => (
              <text key={index} x={`${(index + 0.5) * width}%`} y="100%" dy="1.35em">
                {name}
              </text>
            ))}
          </svg>
          <input
            type="range"
            aria-label={caption}
            aria-valuetext={told(steps[looked ?? steps.length - 1]!)}
            min={0}
            max={steps.length - 1}
            value={looked ?? steps.length - 1}
            onChange={({ target }) => setLooked(target.valueAsNumber)}
            onFocus={({ target }) => setLooked(target.valueAsNumber)}
            onBlur={() => setLooked(undefined)}
          />
        </div>
      </div>
      <details>
        <summary>{words.usage.asTable}</summary>
        <table className="bars-table">
          <caption className="visually-hidden">{caption}</caption>
          <thead>
            <tr>
              <th scope="col">{words.usage.time}</th>
              <th scope="col">{good}</th>
              <th scope="col">{bad}</th>
            </tr>
          </thead>
          <tbody>
            {steps.toReversed().map((step) => (
              <tr key={step.at}>
                <th scope="row">{nameOfStep(step.at, by)}</th>
                <td>{words.number(step.good)}</td>
                <td>{words.number(step.bad)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  )
}

/** How high the plot goes: an even number that is quickly read, at or above the highest of the bars. */
function topFor(highest: number): number {
  if (highest <= 2) return 2
  const magnitude = 10 ** Math.floor(Math.log10(highest))
  const top = [1, 2, 4, 6, 8, 10].map((step) => step * magnitude).find((candidate) => candidate >= highest)!
  return top % 2 === 0 ? top : top + 1
}

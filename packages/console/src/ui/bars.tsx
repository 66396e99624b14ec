import { words } from '../words/words.ts'
import './bars.css'

export interface Bar {
  /** What the step is called, for whoever points at it or reads the table. */
  readonly name: string
  readonly good: number
  readonly bad: number
}

const height = 120

/** What was good and what was not, step by step. The same figures are there as a table, for whoever does not see bars. */
export function Bars({
  bars,
  caption,
  good,
  bad,
}: {
  bars: readonly Bar[]
  caption: string
  /** What the two parts are called. */
  good: string
  bad: string
}) {
  const highest = Math.max(1, ...bars.map((bar) => bar.good + bar.bad))
  const width = 100 / Math.max(1, bars.length)
  return (
    <figure className="bars">
      <span className="bars-highest muted" aria-hidden="true">
        {words.app.count(highest)}
      </span>
      <svg viewBox={`0 0 100 ${height}`} preserveAspectRatio="none" aria-hidden="true">
        {bars.map((bar, index) => {
          const goodHeight = (bar.good / highest) * height
          const badHeight = (bar.bad / highest) * height
          const x = index * width + width * 0.1
          return (
            <g key={bar.name}>
              <title>{`${bar.name}: ${bar.good} ${good}, ${bar.bad} ${bad}`}</title>
              <rect className="bars-ground" x={index * width} y={0} width={width} height={height} />
              <rect className="bars-good" x={x} y={height - goodHeight} width={width * 0.8} height={goodHeight} />
              <rect
                className="bars-bad"
                x={x}
                y={height - goodHeight - badHeight}
                width={width * 0.8}
                height={badHeight}
              />
            </g>
          )
        })}
      </svg>
      <div className="bars-axis muted" aria-hidden="true">
        <span>{bars[0]?.name}</span>
        <span>{bars.at(-1)?.name}</span>
      </div>
      <figcaption className="muted">
        {caption} <span className="bars-key bars-key-good">{good}</span> <span className="bars-key">{bad}</span>
      </figcaption>
      <div className="visually-hidden">
        <table>
          <caption>{caption}</caption>
          <thead>
            <tr>
              <td />
              <th scope="col">{good}</th>
              <th scope="col">{bad}</th>
            </tr>
          </thead>
          <tbody>
            {bars.map((bar) => (
              <tr key={bar.name}>
                <th scope="row">{bar.name}</th>
                <td>{bar.good}</td>
                <td>{bar.bad}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  )
}

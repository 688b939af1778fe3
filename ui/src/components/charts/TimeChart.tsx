/** Times over stretches of time, on a scale of powers of ten. Loaded when it is first shown. */
import { LineChart } from '@mantine/charts';
import { formatDuration } from '../../lib/format';
import { ChartTooltip } from './ChartTooltip';

export interface TimePoint {
  label: string;
  values: Record<string, number | null>;
}

export interface TimeSeries {
  name: string;
  color: string;
}

interface Props {
  points: TimePoint[];
  series: TimeSeries[];
  height: number;
}

// A logarithm has no zero; nothing we measure is shorter.
const SHORTEST_MS = 0.1;

export default function TimeChart({ points, series, height }: Props) {
  const data = points.map(({ label, values }) => ({
    label,
    ...Object.fromEntries(
      Object.entries(values).map(([name, ms]) => [name, ms === null ? null : Math.max(ms, SHORTEST_MS)]),
    ),
  }));
  const all = points.flatMap(({ values }) => Object.values(values)).filter((ms) => ms !== null);
  const low = 10 ** Math.floor(Math.log10(Math.max(Math.min(...all), SHORTEST_MS)));
  const high = Math.max(10 ** Math.ceil(Math.log10(Math.max(...all, SHORTEST_MS))), low * 10);
  const ticks: number[] = [];
  for (let tick = low; tick <= high * 1.001; tick *= 10) ticks.push(tick);
  return (
    <LineChart
      h={height}
      data={data}
      dataKey="label"
      series={series.map((one) => ({ ...one }))}
      curveType="linear"
      connectNulls
      strokeWidth={1.8}
      withDots={points.length <= 40}
      dotProps={{ r: 2.5, strokeWidth: 0 }}
      activeDotProps={{ r: 4, strokeWidth: 2 }}
      gridColor="var(--border)"
      textColor="var(--text-dim)"
      strokeDasharray="0"
      tickLine="none"
      gridAxis="x"
      xAxisProps={{ minTickGap: 28, tickMargin: 8 }}
      yAxisProps={{ scale: 'log', domain: [low, high], ticks, width: 58, allowDataOverflow: true }}
      valueFormatter={(value) => formatDuration(value) ?? ''}
      tooltipAnimationDuration={0}
      lineChartProps={{ accessibilityLayer: false, margin: { top: 6, right: 10, bottom: 0, left: 0 } }}
      lineProps={{ isAnimationActive: false }}
      tooltipProps={{
        content: ({ label, payload }) => (
          <ChartTooltip label={label} payload={payload} format={(value) => formatDuration(value) ?? '–'} />
        ),
      }}
    />
  );
}

/** Counts over stretches of time, stacked. Loaded when it is first shown. */
import { BarChart } from '@mantine/charts';
import { formatCount } from '../../lib/format';
import { ChartTooltip } from './ChartTooltip';

export interface CountPoint {
  label: string;
  values: Record<string, number>;
}

interface Props {
  points: CountPoint[];
  /** From the ground up. */
  series: Array<{ name: string; color: string }>;
  height: number;
}

export default function CountChart({ points, series, height }: Props) {
  return (
    <BarChart
      h={height}
      type="stacked"
      data={points.map(({ label, values }) => ({ label, ...values }))}
      dataKey="label"
      series={series}
      gridColor="var(--border)"
      textColor="var(--text-dim)"
      strokeDasharray="0"
      tickLine="none"
      gridAxis="x"
      maxBarWidth={22}
      xAxisProps={{ minTickGap: 28, tickMargin: 8 }}
      yAxisProps={{ allowDecimals: false, width: 42 }}
      valueFormatter={formatCount}
      tooltipAnimationDuration={0}
      barChartProps={{ accessibilityLayer: false, margin: { top: 6, right: 10, bottom: 0, left: 0 } }}
      barProps={{ isAnimationActive: false }}
      tooltipProps={{
        cursor: { fill: 'var(--hover)' },
        content: ({ label, payload }) => (
          <ChartTooltip label={label} payload={payload} format={formatCount} />
        ),
      }}
    />
  );
}

package io.github.deletionpolicy.benchmarks.report;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

import io.github.deletionpolicy.benchmarks.measure.Aim;
import io.github.deletionpolicy.benchmarks.measure.Measurement;
import io.github.deletionpolicy.benchmarks.measure.Outcome;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.style.Styler.LegendPosition;

/**
 * The rates as a share of those of raw SQL, beside what is aimed for, as a picture.
 *
 * @since 0.1
 */
public final class RatioChart {

	private RatioChart() {
	}

	/**
	 * Draw the picture, if there is anything to draw.
	 * @param outcomes what was measured
	 * @param file where to, an SVG file
	 * @throws IOException if it cannot be written
	 */
	public static void write(List<Outcome> outcomes, Path file) throws IOException {
		List<String> names = new ArrayList<>();
		List<Double> ratios = new ArrayList<>();
		List<Double> aims = new ArrayList<>();
		outcomes.stream().flatMap((it) -> it.measurements().stream()).filter(RatioChart::isShare).forEach((it) -> {
			names.add(it.what());
			ratios.add(Objects.requireNonNull(it.ratio()));
			aims.add(Objects.requireNonNull(it.aim()).bound());
		});
		if (names.isEmpty()) {
			return;
		}
		CategoryChart chart = new CategoryChartBuilder().width(1000)
			.height(600)
			.title("Rate as a share of raw SQL")
			.yAxisTitle("1 is as fast as raw SQL")
			.build();
		chart.getStyler()
			.setXAxisLabelRotation(40)
			.setYAxisMin(0.0)
			.setYAxisMax(Math.max(1.1, Collections.max(ratios) * 1.1))
			.setYAxisDecimalPattern("0.0")
			.setLegendPosition(LegendPosition.OutsideE)
			.setChartBackgroundColor(Color.WHITE)
			.setSeriesColors(new Color[] { new Color(0x2A6F97), new Color(0xC9CBCF) });
		chart.addSeries("this product", names, ratios);
		chart.addSeries("aim", names, aims);
		VectorGraphicsEncoder.saveVectorGraphic(chart, file.toString(), VectorGraphicsFormat.SVG);
	}

	private static boolean isShare(Measurement it) {
		Aim aim = it.aim();
		return it.against().equals(Measurement.RAW) && aim != null && aim.kind() == Aim.Kind.RATIO_AT_LEAST;
	}

}

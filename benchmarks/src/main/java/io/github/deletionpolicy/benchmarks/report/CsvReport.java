package io.github.deletionpolicy.benchmarks.report;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.deletionpolicy.benchmarks.measure.Measurement;
import io.github.deletionpolicy.benchmarks.measure.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * The result for programs: comma-separated values with a header, numbers unrounded.
 *
 * @since 0.1
 */
public final class CsvReport {

	private CsvReport() {
	}

	/**
	 * Write the lines.
	 * @param outcomes what was measured
	 * @return the text
	 */
	public static String of(List<Outcome> outcomes) {
		Stream<String> header = Stream.of("scenario,measured,unit,against,reference,product,ratio,aim,verdict,note\n");
		return Stream.concat(header, outcomes.stream().flatMap(CsvReport::lines)).collect(Collectors.joining());
	}

	private static Stream<String> lines(Outcome outcome) {
		Stream<String> lines = outcome.measurements().stream().map((it) -> line(outcome.scenario(), it));
		String failure = outcome.failure();
		return (failure == null) ? lines : Stream.concat(lines,
				Stream.of(values(outcome.scenario(), null, null, null, null, null, null, null, "failed", failure)));
	}

	private static String line(String scenario, Measurement it) {
		return values(scenario, it.what(), it.unit(), it.against(), it.reference(), it.product(), it.ratio(), it.aim(),
				it.verdict(), it.note());
	}

	private static String values(@Nullable Object... values) {
		return Stream.of(values).map(CsvReport::quoted).collect(Collectors.joining(",")) + "\n";
	}

	private static String quoted(@Nullable Object value) {
		String text = (value != null) ? value.toString() : "";
		return text.matches("[^,\"\\r\\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
	}

}

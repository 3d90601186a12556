package io.github.deletionpolicy.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The documentation has every finding, and none that does not exist.
 */
class DoctorDocumentationTests {

	private static final Pattern ROW = Pattern
		.compile("(?m)^\\| `([a-z-]+)` \\| (error|warning) \\| [^|]+ \\| [^|]+ \\|$");

	@Test
	void everyFindingIsDocumentedWithItsSeverity() throws IOException {
		String page = Files.readString(Path.of("..", "docs", "doctor.md"));
		String table = page.substring(page.indexOf("## All findings"));
		assertThat(ROW.matcher(table).results().map(DoctorDocumentationTests::row))
			.containsExactlyInAnyOrderElementsOf(Arrays.stream(FindingCode.values())
				.map((code) -> code.id() + " " + code.severity().name().toLowerCase(Locale.ROOT))
				.toList());
	}

	private static String row(MatchResult row) {
		return row.group(1) + " " + row.group(2);
	}

}

package io.github.deletionpolicy.autoconfigure.schema;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/**
 * The scripts that make the ledger's tables. They lie outside {@code db/migration}, which
 * the application's Flyway reads with all that lies below.
 */
final class LedgerScripts {

	/**
	 * Where they are on the class path.
	 */
	static final String FOLDER = "io/github/deletionpolicy/ledger/postgresql";

	/**
	 * Finds all of them on the class path.
	 */
	static final String PATTERN = FOLDER + "/*.sql";

	private static final Pattern NAME = Pattern.compile("V(\\d+)__\\w+\\.sql");

	private LedgerScripts() {
	}

	/**
	 * Return their versions, as Flyway keeps them in its history.
	 */
	static Set<String> versions() {
		try {
			return Stream
				.of(new PathMatchingResourcePatternResolver(LedgerScripts.class.getClassLoader())
					.getResources("classpath:" + PATTERN))
				.map(LedgerScripts::version)
				.collect(Collectors.toSet());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String version(Resource script) {
		Matcher name = NAME.matcher(String.valueOf(script.getFilename()));
		if (!name.matches()) {
			throw new IllegalStateException("%s is not named V1__what.sql".formatted(script));
		}
		return name.group(1);
	}

}

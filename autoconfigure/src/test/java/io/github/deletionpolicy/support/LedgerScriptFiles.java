package io.github.deletionpolicy.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The scripts of the ledger's tables as they stand in the sources, in the order in which
 * they are applied.
 */
public final class LedgerScriptFiles {

	private static final Path FOLDER = Path.of("../core/src/main/resources/io/github/deletionpolicy/ledger/postgresql");

	private LedgerScriptFiles() {
	}

	/**
	 * Return their versions.
	 * @return the numbers in the names, in ascending order
	 */
	public static List<String> versions() {
		return files().stream().map((file) -> String.valueOf(version(file))).toList();
	}

	/**
	 * Return what they say.
	 * @return the SQL of each script
	 */
	public static List<String> statements() {
		return files().stream().map(LedgerScriptFiles::read).toList();
	}

	private static List<Path> files() {
		try (Stream<Path> files = Files.list(FOLDER)) {
			return files.sorted(Comparator.comparingInt(LedgerScriptFiles::version)).toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static int version(Path file) {
		return Integer.parseInt(file.getFileName().toString().replaceFirst("^V(\\d+)__\\w+\\.sql$", "$1"));
	}

	private static String read(Path file) {
		try {
			return Files.readString(file, StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}

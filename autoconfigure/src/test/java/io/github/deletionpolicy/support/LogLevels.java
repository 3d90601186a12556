package io.github.deletionpolicy.support;

import java.util.List;

import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;

/**
 * Levels of loggers outlive the test that sets them: all tests share a JVM, and some read
 * what is logged.
 */
public final class LogLevels {

	private LogLevels() {
	}

	/**
	 * Set the levels back that a test has lowered.
	 */
	public static void reset() {
		LoggingSystem logging = LoggingSystem.get(LogLevels.class.getClassLoader());
		logging.setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.INFO);
		List.of("io.github.deletionpolicy", "org.springframework").forEach((name) -> logging.setLogLevel(name, null));
	}

}

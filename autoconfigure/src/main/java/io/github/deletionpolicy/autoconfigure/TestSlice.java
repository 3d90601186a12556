package io.github.deletionpolicy.autoconfigure;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.core.env.Environment;

/**
 * Tells tests of a slice, such as {@code @DataJdbcTest}, from applications. A slice has
 * neither a scheduler nor every migration, and that is no mistake.
 */
final class TestSlice {

	private TestSlice() {
	}

	/**
	 * Return whether this is one. Spring Boot's slices name their auto-configurations one
	 * by one and switch the others off.
	 */
	static boolean is(Environment environment) {
		return !environment.getProperty(EnableAutoConfiguration.ENABLED_OVERRIDE_PROPERTY, Boolean.class, true);
	}

}

package io.github.deletionpolicy.autoconfigure.policy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Pattern;

import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties;

import org.springframework.boot.context.properties.BoundConfigurationProperties;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.util.StringUtils;

/**
 * Finds environment variables and system properties that look like ours and are read by
 * nothing.
 * <p>
 * Spring Boot's own check lets both sources pass, and rightly: they hold what others put
 * there. A misspelt variable for a longer delay would let rows be purged by the shorter
 * one, so here they are checked too.
 */
final class UnreadProperties {

	private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName
		.of(DeletionPolicyProperties.PREFIX);

	private static final Pattern VARIABLE = Pattern.compile(
			"DELETION_?POLICY_(%s)_.+".formatted(String.join("|", KnownProperties.GROUPS).replace("-", "_?")),
			Pattern.CASE_INSENSITIVE);

	/**
	 * What builds call the version of this library: given on Maven's command line, it is
	 * a system property of the tests too.
	 */
	private static final ConfigurationPropertyName VERSION = PREFIX.append("version");

	private UnreadProperties() {
	}

	/**
	 * Check that all variables and system properties are read.
	 * @param environment where they stand
	 * @param bound what was read
	 * @throws InvalidDeletionPolicyException if one is read by nothing
	 */
	static void check(ConfigurableEnvironment environment, BoundConfigurationProperties bound) {
		Set<ConfigurationPropertyName> names = new HashSet<>();
		Set<String> variables = new HashSet<>();
		bound.getAll().forEach((name, property) -> {
			names.add(name);
			// Two spellings of one name are equal, but stand for different variables.
			variables.addAll(variables(name));
			variables.addAll(variables(property.getName()));
		});
		List<String> unread = new ArrayList<>();
		for (PropertySource<?> source : environment.getPropertySources()) {
			if (source instanceof SystemEnvironmentPropertySource variablesInSource) {
				for (String variable : variablesInSource.getPropertyNames()) {
					String upperCase = variable.toUpperCase(Locale.ROOT);
					if (VARIABLE.matcher(upperCase).matches() && !variables.contains(upperCase)) {
						unread.add("environment variable " + variable);
					}
				}
			}
			else if (source.getName().equals(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME)
					&& source instanceof EnumerablePropertySource<?> properties) {
				for (String property : properties.getPropertyNames()) {
					ConfigurationPropertyName name = ConfigurationPropertyName.adapt(property, '.');
					if (PREFIX.isAncestorOf(name) && !names.contains(name) && !name.equals(VERSION)) {
						unread.add("system property " + property);
					}
				}
			}
		}
		if (!unread.isEmpty()) {
			throw new InvalidDeletionPolicyException(
					"%s %s not used.".formatted(StringUtils.capitalize(String.join(", ", unread)),
							(unread.size() == 1) ? "is" : "are"),
					"Correct the name, or remove it. In an environment variable, labels and properties have neither '-' nor '_', as in DELETIONPOLICY_TABLES_USERSARCHIVE_HOLDCONDITION for deletion-policy.tables.users_archive.hold-condition.");
		}
	}

	/**
	 * Return the variables that are asked for a property: the one that the documentation
	 * of Spring Boot names, and an older form with an underscore for each dash.
	 */
	private static List<String> variables(ConfigurationPropertyName name) {
		StringJoiner uniform = new StringJoiner("_");
		StringJoiner legacy = new StringJoiner("_");
		for (int i = 0; i < name.getNumberOfElements(); i++) {
			uniform.add(name.getElement(i, Form.UNIFORM));
			legacy.add(name.getElement(i, Form.ORIGINAL).replace('-', '_'));
		}
		return List.of(uniform.toString().toUpperCase(Locale.ROOT), legacy.toString().toUpperCase(Locale.ROOT));
	}

}

package io.github.deletionpolicy.autoconfigure.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * How the entries under {@code deletion-policy.tables} are spelt in the environment, and
 * where.
 * <p>
 * To Spring Boot, labels that differ only in case, {@code -} or {@code _} are one name:
 * each of them comes out of the binder as a key of its own, but with the values of all.
 * An entry goes by its label in the property source that yields to all others: what
 * overrides it may spell it otherwise, and an environment variable has to.
 */
final class TableEntries {

	private static final ConfigurationPropertyName TABLES = ConfigurationPropertyName
		.of(DeletionPolicyProperties.PREFIX + ".tables");

	private static final int LABEL = TABLES.getNumberOfElements();

	private final List<ConfigurationPropertySource> sources = new ArrayList<>();

	private final Map<String, List<Spelling>> spellings = new LinkedHashMap<>();

	TableEntries(ConfigurableEnvironment environment) {
		ConfigurationPropertySources.from(environment.getPropertySources()).forEach(this.sources::add);
		for (ConfigurationPropertySource source : this.sources) {
			if (source instanceof IterableConfigurationPropertySource iterable) {
				iterable.filter(TABLES::isAncestorOf).forEach((property) -> collect(source, property));
			}
		}
		this.spellings.values().forEach(TableEntries::check);
	}

	/**
	 * Return the entries that bound labels stand for.
	 * @param labels the labels, as they come out of the binder
	 * @return one entry for all labels that mean the same, which goes by one of them
	 */
	Collection<Entry> entries(Collection<String> labels) {
		Map<String, Entry> entries = new LinkedHashMap<>();
		for (String label : labels) {
			entries.computeIfAbsent(normalize(label), (normalized) -> entry(normalized, label, labels));
		}
		return entries.values();
	}

	private Entry entry(String normalized, String label, Collection<String> labels) {
		Spelling decisive = null;
		for (Spelling spelling : this.spellings.getOrDefault(normalized, List.of())) {
			if (labels.contains(spelling.label()) && (decisive == null || !spelling.isEnvironmentVariable())) {
				decisive = spelling;
			}
		}
		return (decisive != null) ? new Entry(decisive.label(), decisive.entry(), decisive.origin(), this.sources)
				: new Entry(label, TABLES.append("[" + label + "]"), null, this.sources);
	}

	private void collect(ConfigurationPropertySource source, ConfigurationPropertyName property) {
		String label = property.getElement(LABEL, Form.ORIGINAL);
		this.spellings.computeIfAbsent(normalize(label), (normalized) -> new ArrayList<>())
			.add(new Spelling(label, property, source));
	}

	private static String normalize(String label) {
		return label.replace("-", "").replace("_", "").toLowerCase(Locale.ROOT);
	}

	private static void check(List<Spelling> spellings) {
		for (Spelling one : spellings) {
			for (Spelling other : spellings) {
				boolean sideBySide = one.source() == other.source() && !one.shownLabel().equals(other.shownLabel());
				if (sideBySide || !one.entry().equals(other.entry())) {
					throw new InvalidDeletionPolicyException(
							"The labels '%s' (%s) and '%s' (%s) under '%s' differ only in case, '-', '_' or brackets. They mean the same entry, and it is not defined which one overrides the other."
								.formatted(one.shownLabel(), OriginText.of(one.origin()), other.shownLabel(),
										OriginText.of(other.origin()), TABLES),
							"Spell the label one way. Name the table with 'table' if it differs.");
				}
			}
		}
	}

	/**
	 * A label as a property source spells it.
	 *
	 * @param label the label
	 * @param property a property that carries it
	 * @param source the source
	 */
	private record Spelling(String label, ConfigurationPropertyName property, ConfigurationPropertySource source) {

		ConfigurationPropertyName entry() {
			return this.property.chop(LABEL + 1);
		}

		String shownLabel() {
			return isInBrackets() ? "[" + this.label + "]" : this.label;
		}

		private String writtenLabel() {
			return isInBrackets() ? "[" + this.label + "]" : "." + this.label;
		}

		private boolean isInBrackets() {
			return entry().isLastElementIndexed();
		}

		/**
		 * Return where this very spelling stands: the source itself, asked for the
		 * property, may answer with another.
		 */
		@Nullable Origin origin() {
			if (this.source.getUnderlyingSource() instanceof EnumerablePropertySource<?> written) {
				for (String name : written.getPropertyNames()) {
					if (name.contains(writtenLabel())
							&& ConfigurationPropertyName.adapt(name, '.').equals(this.property)) {
						return PropertySourceOrigin.get(written, name);
					}
				}
			}
			return Origin.from(this.source.getConfigurationProperty(this.property));
		}

		boolean isEnvironmentVariable() {
			return this.source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource;
		}

	}

	/**
	 * An entry under {@code deletion-policy.tables}.
	 *
	 * @param label the label that the entry goes by
	 * @param name the full name of the entry
	 * @param labelOrigin where the label stands
	 * @param sources all property sources, the one that overrides all others first
	 */
	record Entry(String label, ConfigurationPropertyName name, @Nullable Origin labelOrigin,
			List<ConfigurationPropertySource> sources) {

		/**
		 * Return the property of an attribute as the entry spells it.
		 * @param attribute the attribute, such as {@code delay}
		 * @return the property, for messages
		 */
		String property(String attribute) {
			return (this.name.isLastElementIndexed() ? "%s[%s].%s" : "%s.%s.%s").formatted(TABLES, this.label,
					attribute);
		}

		/**
		 * Say where an attribute stands, or else the label.
		 * @param attribute the attribute
		 * @return a phrase such as {@code application.yml, line 12}
		 */
		String placeOf(String attribute) {
			ConfigurationPropertyName property = this.name.append(attribute);
			for (ConfigurationPropertySource source : this.sources) {
				Origin origin = Origin.from(source.getConfigurationProperty(property));
				if (origin != null) {
					return OriginText.of(origin);
				}
			}
			return OriginText.of(this.labelOrigin);
		}

		/**
		 * Return whether the binder dropped characters from the label as it was written,
		 * as it does with all but letters from a to z, digits, {@code -} and {@code _}.
		 * @return whether the label names something else than was written
		 */
		boolean hasLostCharacters() {
			return this.labelOrigin instanceof PropertySourceOrigin inSource
					&& !(inSource.getPropertySource() instanceof SystemEnvironmentPropertySource)
					&& !inSource.getPropertyName().contains(this.label);
		}

	}

}

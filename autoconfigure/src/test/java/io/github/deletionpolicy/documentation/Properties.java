package io.github.deletionpolicy.documentation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.context.properties.bind.DataObjectPropertyName;

/**
 * The properties that there are, and what pages say of them.
 *
 * @param defaults the default by name; empty where there is none
 */
record Properties(Map<String, String> defaults) {

	private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z][\\w.*-]*)` \\| ([^|]*?) ?\\| (.*?) ?\\|$");

	private static final Pattern MENTION = Pattern
		.compile("(?<![\\w/{-])deletion-policy\\.([a-z*][\\w*-]*(?:\\.[a-z*][\\w*-]*)*)");

	/**
	 * The name of Quartz's job and trigger, which looks like a property and is none.
	 */
	private static final String JOB = "deletion-policy.purge";

	/**
	 * Read the metadata that the build has generated.
	 */
	static Properties generated() {
		Map<String, String> defaults = new LinkedHashMap<>();
		try (InputStream metadata = Properties.class
			.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
			for (JsonNode property : JsonMapper.shared().readTree(metadata).path("properties")) {
				String name = property.path("name").asString();
				if (name.equals("deletion-policy.tables")) {
					for (RecordComponent part : DeletionPolicyProperties.TablePolicy.class.getRecordComponents()) {
						defaults.put(name + ".*." + DataObjectPropertyName.toDashedForm(part.getName()), "");
					}
				}
				else {
					defaults.put(name, property.path("defaultValue").asString(""));
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return new Properties(defaults);
	}

	/**
	 * Return what the table of a page lacks, or says wrongly. Each property has a row
	 * with its name, its default and a reason.
	 */
	List<String> undocumented(Page page) {
		List<String> problems = new ArrayList<>();
		Map<String, String> documented = new LinkedHashMap<>();
		Matcher rows = ROW.matcher(page.prose());
		while (rows.find()) {
			String name = rows.group(1).startsWith("management.") ? rows.group(1) : full(rows.group(1));
			if (documented.put(name, rows.group(2)) != null) {
				problems.add(name + " is documented twice");
			}
			if (rows.group(3).isBlank()) {
				problems.add(name + " is documented without a word");
			}
		}
		this.defaults.forEach((name, value) -> {
			if (!documented.containsKey(name)) {
				problems.add(name + " is not documented");
			}
		});
		documented.forEach((name, value) -> {
			if (value.isBlank() || (!value.startsWith("`") && !this.defaults.getOrDefault(name, "").isEmpty())) {
				problems.add(name + " is documented without its default");
			}
			if (!this.defaults.containsKey(name)) {
				problems.add(name + " is documented and does not exist");
			}
		});
		problems.addAll(wrongDefaults(page));
		return problems;
	}

	/**
	 * Return the rows of a page, in whatever table, that give a property another default
	 * than it has. Where there is none a row may say in words what holds instead.
	 */
	List<String> wrongDefaults(Page page) {
		List<String> problems = new ArrayList<>();
		Matcher rows = ROW.matcher(page.prose());
		while (rows.find()) {
			String expected = this.defaults.get(full(rows.group(1)));
			expected = (expected != null) ? expected : this.defaults.get(rows.group(1));
			String said = rows.group(2);
			if (expected != null && said.startsWith("`") && !said.startsWith("`" + expected + "`")) {
				problems.add("%s: %s has the default '%s' and not %s".formatted(page.path().getFileName(),
						rows.group(1), expected, said));
			}
		}
		return problems;
	}

	/**
	 * Return the names under {@code deletion-policy} in the text that do not exist.
	 */
	List<String> unknown(Page page) {
		List<String> unknown = new ArrayList<>();
		Matcher mentions = MENTION.matcher(page.text());
		while (mentions.find()) {
			String name = mentions.group()
				.replaceFirst("^deletion-policy\\.tables\\.[^.]+", "deletion-policy.tables.*");
			boolean known = name.equals(JOB) || this.defaults.containsKey(name)
					|| this.defaults.keySet().stream().anyMatch((property) -> property.startsWith(name + "."));
			if (!known) {
				unknown.add("%s: there is no property %s".formatted(page.path().getFileName(), mentions.group()));
			}
		}
		return unknown;
	}

	private static String full(String name) {
		return name.startsWith("deletion-policy.") ? name : "deletion-policy." + name;
	}

}

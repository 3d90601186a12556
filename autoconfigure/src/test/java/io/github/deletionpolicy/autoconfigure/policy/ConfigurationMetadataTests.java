package io.github.deletionpolicy.autoconfigure.policy;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

class ConfigurationMetadataTests {

	@Test
	void everyPropertyIsDescribed() throws IOException {
		assertThat(properties()).isNotEmpty().allSatisfy((property) -> {
			String description = property.path("description").asString();
			assertThat(description).as(property.path("name").asString())
				.isNotBlank()
				.endsWith(".")
				.doesNotStartWith("The ")
				.doesNotStartWith("A ");
			if (property.path("type").asString().equals("java.lang.Boolean")) {
				assertThat(description).startsWith("Whether ");
			}
		});
	}

	@Test
	void everyPropertyIsKnownByItsName() throws IOException {
		List<String> names = properties().stream()
			.map((property) -> property.path("name").asString())
			.filter((name) -> name.startsWith("deletion-policy."))
			.map((name) -> name.substring("deletion-policy.".length()))
			.map((name) -> name.equals("tables") ? "tables.*" : name)
			.toList();
		assertThat(KnownProperties.NAMES).hasSizeGreaterThan(20).containsExactlyInAnyOrderElementsOf(names);
		assertThat(KnownProperties.GROUPS).contains("purge", "tables").doesNotContain("enabled", "retention");
		assertThat(KnownProperties.OF_TABLE).startsWith("table", "mode").contains("hold-condition");
	}

	private static List<JsonNode> properties() throws IOException {
		try (InputStream metadata = ConfigurationMetadataTests.class
			.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
			List<JsonNode> properties = new ArrayList<>();
			JsonMapper.shared().readTree(metadata).path("properties").forEach(properties::add);
			return properties;
		}
	}

}

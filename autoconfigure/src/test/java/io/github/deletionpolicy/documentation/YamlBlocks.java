package io.github.deletionpolicy.documentation;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties;

import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;

/**
 * Reads YAML as an application does.
 */
final class YamlBlocks {

	private YamlBlocks() {
	}

	/**
	 * Return what is wrong; nothing if the block can be read, and all under
	 * {@code deletion-policy} is known.
	 */
	static List<String> problems(Page.Block block) {
		List<String> problems = new ArrayList<>();
		try {
			List<PropertySource<?>> documents = new YamlPropertySourceLoader().load(block.place(),
					new ByteArrayResource(block.text().getBytes(StandardCharsets.UTF_8)));
			if (documents.isEmpty()) {
				problems.add(block.place() + ": says nothing");
			}
			for (PropertySource<?> document : documents) {
				MutablePropertySources sources = new MutablePropertySources();
				sources.addFirst(document);
				new Binder(ConfigurationPropertySources.from(sources)).bindOrCreate("deletion-policy",
						Bindable.of(DeletionPolicyProperties.class),
						new NoUnboundElementsBindHandler(BindHandler.DEFAULT, (source) -> true));
			}
		}
		catch (IOException | RuntimeException ex) {
			problems.add("%s: %s".formatted(block.place(), NestedExceptionUtils.getMostSpecificCause(ex).getMessage()));
		}
		return problems;
	}

}

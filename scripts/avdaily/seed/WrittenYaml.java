package avdaily.seed;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.IOContext;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactoryBuilder;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.Reader;
import org.yaml.snakeyaml.events.ScalarEvent;

/** YAML whose parser knows how a value is written: nothing at all is null, and an empty text in quotes is one. */
@SuppressWarnings("serial") // no factory is ever serialized
final class WrittenYaml extends YAMLFactory {
    WrittenYaml(YAMLFactoryBuilder settings) {
        super(settings);
    }

    @Override
    protected YAMLParser _createParser(Reader text, IOContext context) {
        return new YAMLParser(context, _parserFeatures, _yamlParserFeatures, _loaderOptions, _objectCodec, text) {
            @Override
            protected JsonToken _decodeScalar(ScalarEvent scalar) throws IOException {
                boolean isNothing = scalar.isPlain()
                        && scalar.getTag() == null
                        && scalar.getValue().isEmpty();
                JsonToken token = super._decodeScalar(scalar);
                return isNothing ? JsonToken.VALUE_NULL : token;
            }
        };
    }
}
